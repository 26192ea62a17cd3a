// After the build: file.gz beside every text asset, so that the server sends it as it is and never compresses while it
// serves; and assets of earlier builds go, but only after a while, because pages opened before an upgrade still ask for them.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const TEXT = /\.(css|js|svg|json)$/;
const KEPT_FOR = 7 * 24 * 3600 * 1000;

function filesIn(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

export function finish() {
  let folder = '';
  let written = new Set();
  return {
    name: 'huying-finish',
    apply: 'build',
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    writeBundle(options, bundle) {
      written = new Set(Object.keys(bundle).map((name) => path.join(folder, name)));
    },
    closeBundle() {
      const assets = path.join(folder, 'assets');
      for (const file of filesIn(assets)) {
        const ours = written.has(file) || written.has(file.replace(/\.gz$/, ''));
        if (!ours && Date.now() - fs.statSync(file).mtimeMs > KEPT_FOR) fs.rmSync(file);
      }
      for (const file of filesIn(folder)) {
        if (TEXT.test(file)) fs.writeFileSync(`${file}.gz`, zlib.gzipSync(fs.readFileSync(file), { level: 9 }));
      }
    },
  };
}
