/**
 * Bundles an author's server and the host: `node bundle.mjs JSON`, as builder/node/bundle.py calls it.
 *
 * The JSON object has the folders `project` (with its packages installed), `esbuild` (where that package is installed)
 * and `output`, the author's module as `entry`, a path in the project, `target`, such as node22, and as `optional` the
 * names of packages that code does without where they are not there. Writes handler.mjs and server.mjs, and prints what
 * came of it, as one line of JSON.
 */

import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const { project, esbuild: installed, output, entry, target, optional } = JSON.parse(process.argv[2]);
const HOST = path.join(path.dirname(fileURLToPath(import.meta.url)), "host");
const { build } = createRequire(path.join(installed, "package.json"))("esbuild");

/** Packages of CommonJS call a function that modules do not have. */
const REQUIRE = 'import{createRequire as c}from"node:module";globalThis.require??=c(import.meta.url);';

/** What esbuild only says when it is asked: a module that is named at run time cannot be in a bundle. */
const DYNAMIC = ["unsupported-dynamic-import", "unsupported-require-call", "indirect-require"];

const COMMON = {
  bundle: true,
  platform: "node",
  format: "esm",
  target,
  minify: true,
  keepNames: true, // names of errors and functions are what a log shows
  legalComments: "none",
  metafile: true,
  write: true,
  logLevel: "silent",
  logOverride: Object.fromEntries(DYNAMIC.map((id) => [id, "warning"])),
  absWorkingDir: project,
};

/** Has the host use the author's copy of the SDK, and no other. */
const authorsPackages = {
  name: "authors-packages",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path: name, importer, kind, pluginData }) => {
      if (pluginData || !importer.startsWith(HOST)) return undefined;
      return resolve(name, { resolveDir: project, kind, pluginData: true });
    });
  },
};

async function run() {
  await build({
    ...COMMON,
    entryPoints: [path.join(HOST, "handler.ts")],
    outfile: path.join(output, "handler.mjs"),
  });
  const exported = await build({ ...COMMON, bundle: false, write: false, entryPoints: [entry], outdir: output });
  const server = await build({
    ...COMMON,
    banner: { js: REQUIRE },
    external: optional,
    sourcemap: "external", // for the trial start; the zip has none
    outfile: path.join(output, "server.mjs"),
    plugins: [authorsPackages],
    stdin: {
      contents: `export * as author from ${JSON.stringify(path.join(project, entry))};
        export { makeHosted } from ${JSON.stringify(path.join(HOST, "sdk", "hosted.ts"))};`,
      resolveDir: project,
    },
  });
  const exports = Object.values(exported.metafile.outputs).flatMap(({ exports }) => exports);
  return {
    errors: [],
    warnings: server.warnings.map(told),
    exports,
    inputs: Object.keys(server.metafile.inputs).sort(),
  };
}

function told({ id, text, location }) {
  return { id, text, file: location?.file ?? "", line: location?.line ?? 0 };
}

const outcome = await run().catch(({ errors, message }) => ({ errors: (errors ?? [{ text: message }]).map(told) }));
process.stdout.write(`${JSON.stringify(outcome)}\n`);
