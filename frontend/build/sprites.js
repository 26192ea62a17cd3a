// Builds one SVG sprite for each "[group]" of icons.txt out of the Phosphor set, and icons.json, the index that the
// icon component reads: { files: { group: file }, icons: { name: group } }. An unknown name stops the build.
import crypto from 'node:crypto';
import fs from 'node:fs';

export function readGroups(text) {
  const groups = {};
  let current = null;
  for (const line of text.split('\n')) {
    const words = line.replace(/#.*/, '').trim();
    const heading = words.match(/^\[(\w+)\]$/);
    if (heading) groups[(current = heading[1])] = [];
    else if (words) groups[current].push(...words.split(/\s+/));
  }
  return groups;
}

function drawSprite(names, set) {
  const symbols = names.map((name) => {
    const icon = set.icons[name];
    if (!icon) throw new Error(`icons.txt: the Phosphor set has no icon called "${name}"`);
    const box = `0 0 ${icon.width || set.width || 256} ${icon.height || set.height || 256}`;
    return `<symbol id="${name}" viewBox="${box}">${icon.body}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`;
}

export function sprites({ list, set }) {
  return {
    name: 'huying-sprites',
    buildStart() {
      this.addWatchFile(list);
    },
    generateBundle() {
      const drawn = JSON.parse(fs.readFileSync(set, 'utf8'));
      const index = { files: {}, icons: {} };
      for (const [group, names] of Object.entries(readGroups(fs.readFileSync(list, 'utf8')))) {
        for (const name of names) {
          if (index.icons[name]) throw new Error(`icons.txt: "${name}" is listed twice`);
          index.icons[name] = group;
        }
        const source = drawSprite(names, drawn);
        const hash = crypto.createHash('sha256').update(source).digest('base64url').slice(0, 8);
        index.files[group] = `assets/icons-${group}-${hash}.svg`;
        this.emitFile({ type: 'asset', fileName: index.files[group], source });
      }
      this.emitFile({ type: 'asset', fileName: 'icons.json', source: JSON.stringify(index, null, 1) });
    },
  };
}
