// Reads an AsyncAPI document with the specification's own parser; anything it objects to is a failure.
const { Parser, fromFile } = require("@asyncapi/parser");

async function main(file) {
  const { document, diagnostics } = await fromFile(new Parser(), file).parse();
  for (const each of diagnostics) {
    console.error(`${each.path.join(".")}: ${each.message}`);
  }
  if (!document || diagnostics.length) {
    process.exit(1);
  }
  const messages = document.allMessages().all().length;
  const operations = document.allOperations().all().length;
  console.log(`${file}: ${messages} messages, ${operations} operations`);
}

main(process.argv[2]);
