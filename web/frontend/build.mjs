// Builds the bundles into web/static/dist. Applicants' pages load only site.css and site.js.
//   node build.mjs [--report]     --report prints sizes, raw and gzipped
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import * as sass from 'sass';

const here = dirname(fileURLToPath(import.meta.url));
const finished = join(here, '../static/dist');
const out = join(here, 'node_modules/.dist'); // takes dist's place when all is built: a failed build leaves the old one
const target = ['es2020', 'chrome90', 'firefox90', 'safari15.4'];

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const site = sass.compile(join(here, 'src/styles/site.scss'), {
  style: 'expanded',
  loadPaths: [join(here, 'node_modules')],
  quietDeps: true,
});
const css = await esbuild.transform(site.css, { loader: 'css', minify: true, target });
writeFileSync(join(out, 'site.css'), css.code);

// Style attributes in bpmn-js's markup are refused by the content security policy. In its icons, presentation
// attributes say the same; the panel's height is in diagram/panel.css.
const withoutStyleAttributes = {
  name: 'without-style-attributes',
  setup(build) {
    build.onLoad({ filter: /bpmn-js-properties-panel[/\\]dist[/\\]index\.esm\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace('<div style="height: 100%" ', '<div '),
    }));
    build.onLoad({ filter: /node_modules[/\\]bpmn-js[/\\].*Icons\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/style="([^"]*)"/g, (_, rules) =>
        rules.split(';').filter((rule) => rule.trim()).map((rule) => rule.replace(/\s*([\w-]+)\s*:\s*(.+)\s*/, '$1="$2"')).join(' ')),
    }));
  },
};

await esbuild.build({
  absWorkingDir: here,
  entryPoints: { site: 'src/site.js', map: 'src/map.js', editor: 'src/editor.js', viewer: 'src/viewer.js', modeler: 'src/modeler.js' },
  bundle: true,
  minify: true,
  format: 'esm',
  target,
  outdir: out,
  assetNames: '[name]',
  legalComments: 'eof',
  external: ['/assets/*'],
  plugins: [withoutStyleAttributes],
  // Fonts are 'self' files; browsers that need eot, svg or ttf fonts cannot run the modeler anyway.
  loader: { '.woff2': 'file', '.woff': 'empty', '.eot': 'empty', '.svg': 'empty', '.ttf': 'empty' },
  logLevel: 'error', logLimit: 5,
});

// Pages add the fingerprint as ?v=..., so files can be cached for a year and still change at once.
const names = readdirSync(out).filter((name) => /\.(js|css)$/.test(name)).sort();
const fingerprint = (name) => createHash('sha256').update(readFileSync(join(out, name))).digest('hex').slice(0, 12);
writeFileSync(join(out, 'manifest.json'), JSON.stringify(Object.fromEntries(names.map((n) => [n, fingerprint(n)])), null, 1));

rmSync(finished, { recursive: true, force: true });
renameSync(out, finished);

if (process.argv.includes('--report')) {
  for (const name of names) {
    const content = readFileSync(join(finished, name));
    console.log(name.padEnd(14), `${(content.length / 1000).toFixed(1)} kB`.padStart(10), `${(gzipSync(content).length / 1000).toFixed(1)} kB gzip`.padStart(16));
  }
}
