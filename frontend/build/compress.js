// Writes file.gz beside every text asset, so that the server sends it as it is and never compresses while it serves.
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';

const TEXT = /\.(css|js|svg|json)$/;

export function compress() {
  let folder = '';
  return {
    name: 'huying-compress',
    apply: 'build',
    configResolved(config) {
      folder = path.resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !TEXT.test(entry.name)) continue;
        const file = path.join(entry.parentPath, entry.name);
        const packed = zlib.gzipSync(fs.readFileSync(file), { level: 9 });
        fs.writeFileSync(`${file}.gz`, packed);
      }
    },
  };
}
