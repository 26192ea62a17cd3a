import { defineConfig } from 'vite';
import { finish } from './build/finish.js';
import { sprites } from './build/sprites.js';

// The oldest WebViews met in counties: Chrome 87 and Safari 14. Lightning CSS and Oxc lower everything to them.
const target = ['chrome87', 'safari14'];

export default defineConfig({
  base: '/static/',
  plugins: [sprites({ list: 'icons.txt', set: 'node_modules/@iconify-json/ph/icons.json' }), finish()],
  css: {
    transformer: 'lightningcss',
    lightningcss: { targets: { chrome: 87 << 16, safari: 14 << 16 } },
  },
  build: {
    outDir: '../src/huying/ui/built',
    emptyOutDir: false, // build/finish.js takes away what is old
    manifest: 'manifest.json',
    target,
    cssTarget: target,
    cssMinify: 'lightningcss',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      input: { core: 'js/core.js', staff: 'js/staff.js', cockpit: 'js/cockpit.js', sw: 'js/sw.js' },
    },
  },
});
