// Cleans, fits and counts texts with the card's own functions and places their STOP mention: reads lines of JSON [text, push type, sender]
// and writes one line of results for each. It runs the sources with their types stripped, so no build is needed.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [app, limits] = [process.argv[2], JSON.parse(process.argv[3])];
const ts = createRequire(`${app}/package.json`)('typescript');

/** The address of a module of the card, for `import`; `known` are the addresses of those it imports itself. */
function addressOf(name, known = {}) {
  const source = readFileSync(`${app}/packages/sms-ui/${name}.ts`, 'utf8');
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  let { outputText } = ts.transpileModule(source, { compilerOptions: options });
  for (const [path, address] of Object.entries(known)) outputText = outputText.replaceAll(`'${path}'`, `'${address}'`);
  return `data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`;
}

const segments = addressOf('segments');
const counter = await import(segments);
const { cleanText } = await import(addressOf('characters', { './segments': segments }));
const { fitText, rewriteToGsm7 } = await import(addressOf('gsm7-rewrite', { './segments': segments }));
const { withStopPlaced } = await import(addressOf('short-links', { './segments': segments }));

for await (const line of createInterface({ input: process.stdin })) {
  const [text, pushType, sender] = JSON.parse(line);
  const billed = counter.countedText(text, pushType, sender, limits);
  const { encoding, units, parts, remaining } = counter.countSegments(billed);
  const placed = withStopPlaced(text, pushType, sender);
  const not_gsm7 = counter.notGsm7(text);
  const clean = cleanText(text);
  const fit = fitText(clean, (each) => counter.countSegments(counter.countedText(each, pushType, sender, limits)).parts);
  const rewritten = rewriteToGsm7(clean, true);
  const fitted = [fit.kind, fit.text, fit.kind === 'dearer' ? fit.characters : []];
  const result = { billed, encoding, units, parts, remaining, not_gsm7, placed, clean, fitted, rewritten };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
