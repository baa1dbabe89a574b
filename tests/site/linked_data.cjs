// node linked_data.cjs PATH
// Prints, as JSON, what in a file of {page: JSON-LD} is not schema.org: types, properties and
// kinds of values that the vocabulary lacks, as the compiler finds them by schema-dts.
const { readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const ts = require("typescript");

const pages = JSON.parse(readFileSync(process.argv[2], "utf8"));
const vocabulary = JSON.stringify(dirname(require.resolve("schema-dts/package.json")));
const source = [
  `import type { Graph } from ${vocabulary};`,
  ...Object.values(pages).map((graph, n) => `const page${n}: Graph = ${JSON.stringify(graph)};`),
].join("\n");

const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  moduleResolution: ts.ModuleResolutionKind.Node10,
};
const host = ts.createCompilerHost(options);
const file = join(process.cwd(), "pages.ts");
const read = host.getSourceFile;
host.getSourceFile = (name, version, ...rest) =>
  name === file ? ts.createSourceFile(name, source, version) : read(name, version, ...rest);

const names = Object.keys(pages);
const found = ts.getPreEmitDiagnostics(ts.createProgram([file], options, host)).map((fault) => {
  const line = fault.file ? fault.file.getLineAndCharacterOfPosition(fault.start).line : 0;
  return { page: names[line - 1], text: ts.flattenDiagnosticMessageText(fault.messageText, "\n") };
});
console.log(JSON.stringify(found));
