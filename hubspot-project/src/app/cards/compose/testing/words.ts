/** Counts the words that a person sees in the open composer. */
interface Node {
  name?: string;
  text?: string | null;
  props?: Record<string, unknown>;
  childNodes?: readonly unknown[];
}

const READ = ['title', 'label', 'description', 'validationMessage', 'buttonText'];

/** All words but the writer's own text in its field; of a closed list, the chosen option. */
export function wordsOf(node: unknown): string[] {
  return textsOf(node).flatMap((text) => text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)));
}

/** The texts of two or more words that stand in more than one place. */
export function repeatedIn(node: unknown): string[] {
  const texts = textsOf(node).filter((text) => text.trim().split(/\s+/).length > 2);
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

function textsOf(node: unknown): string[] {
  if (typeof node === 'string' || typeof node === 'number') return [String(node)];
  if (typeof node !== 'object' || node === null) return [];
  const { name, text, props = {}, childNodes } = node as Node;
  const isEmpty = props['value'] === undefined || props['value'] === '';
  const read = isEmpty ? [...READ, 'placeholder'] : READ;
  const own = read.flatMap((prop) => (typeof props[prop] === 'string' ? [props[prop] as string] : []));
  const options = (props['options'] ?? []) as { label: string; value: unknown }[];
  const shown = options
    .filter(({ value }) => name === 'ToggleGroup' || value === props['value'])
    .map(({ label }) => label);
  const inside = childNodes?.length ? childNodes.flatMap(textsOf) : text ? [text] : [];
  return [...own, ...shown, ...inside].filter(Boolean);
}
