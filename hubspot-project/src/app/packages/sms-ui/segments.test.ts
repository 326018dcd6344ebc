/** The backend's counter satisfies the same vectors: this fails if one side changes. */
import { readFileSync } from 'node:fs';
import type { PushType } from '@connector/api';
import { describe, expect, it } from 'vitest';
import { countedText, countSegments, notGsm7, type Limits } from './segments';

interface VectorText {
  why?: string;
  text?: string;
  repeat?: [string, number][];
}

interface Vectors {
  constants: Limits;
  vectors: (VectorText & {
    encoding: string;
    units: number;
    parts: number;
    remaining: number;
    not_gsm7: string[];
  })[];
  counted_vectors: (VectorText & {
    push_type: PushType;
    sender: string | null;
    units: number;
    parts: number;
  })[];
}

const file = new URL('../../../../../contracts/segments.json', import.meta.url);
const contract = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

function textOf({ text, repeat = [] }: VectorText): string {
  return text ?? repeat.map(([piece, times]) => piece.repeat(times)).join('');
}

function nameOf(vector: VectorText): string {
  const text = textOf(vector);
  return `${text.slice(0, 24)}… (${text.length}) ${vector.why ?? ''}`;
}

describe('segments, against contracts/segments.json', () => {
  it('has vectors and constants', () => {
    expect(contract.vectors.length).toBeGreaterThan(30);
    expect(contract.counted_vectors.length).toBeGreaterThan(5);
    expect(Object.keys(contract.constants).sort()).toEqual([
      'max_parts',
      'short_url_units',
      'stop_mention_units',
    ]);
  });

  it.each(contract.vectors.map((vector) => [nameOf(vector), vector] as const))(
    'counts %s',
    (_name, vector) => {
      const { encoding, units, parts, remaining } = vector;
      expect(countSegments(textOf(vector))).toEqual({ encoding, units, parts, remaining });
      expect(notGsm7(textOf(vector))).toEqual(vector.not_gsm7);
    },
  );

  it.each(contract.counted_vectors.map((vector) => [nameOf(vector), vector] as const))(
    'counts what the gateway adds to %s',
    (_name, vector) => {
      const counted = countSegments(
        countedText(textOf(vector), vector.push_type, vector.sender, contract.constants),
      );
      expect(counted).toMatchObject({ units: vector.units, parts: vector.parts });
    },
  );
});
