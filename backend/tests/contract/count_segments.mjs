// Counts texts with the card's own counter: reads JSON [[text, push type, sender], ...] and writes what it makes of each.
// The source itself is used, its types stripped, so nothing has to be built first.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [app, limits] = [process.argv[2], JSON.parse(process.argv[3])];
const ts = createRequire(`${app}/package.json`)('typescript');
const source = readFileSync(`${app}/packages/sms-ui/segments.ts`, 'utf8');
const { outputText } = ts.transpileModule(source, {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
});
const counter = await import(`data:text/javascript;base64,${Buffer.from(outputText).toString('base64')}`);

const asked = JSON.parse(readFileSync(0, 'utf8'));
const counted = asked.map(([text, pushType, sender]) => {
  const billed = counter.countedText(text, pushType, sender, limits);
  const { encoding, units, parts, remaining } = counter.countSegments(billed);
  return { billed, encoding, units, parts, remaining, not_gsm7: counter.notGsm7(text) };
});
process.stdout.write(JSON.stringify(counted));
