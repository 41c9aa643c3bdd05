import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGED, FAULTS, type GivenTimeline, givenTimeline } from '../show/given-timeline.ts';
import { HOUR_MS } from '../timeline/timeline.ts';
import { PALETTE, type Shade, stylesheet } from './drawing/palette.ts';
import { widthOf } from './drawing/svg.ts';
import { drawTimeline } from './picture.ts';

const timelines: fc.Arbitrary<GivenTimeline> = fc.record({
  strategy: fc.constantFrom('single', 'alternating'),
  days: fc.integer({ min: 10, max: 400 }),
  everyDays: fc.integer({ min: 3, max: 30 }),
  faults: fc.array(fc.constantFrom('', ...FAULTS), { maxLength: 9 }),
  changes: fc.array(fc.constantFrom(...CHANGED), { maxLength: 6 }),
  outageMs: fc.integer({ min: 1_000, max: 20 * HOUR_MS }),
  codes: fc.uniqueArray(
    fc.constantFrom('SUCCESSOR_NOT_STORED', 'CURRENT_TOKEN_DEAD', 'ROTATION_OUTCOME_UNKNOWN'),
  ),
});

/** One text of the picture, and the room that it takes. */
interface Words {
  readonly words: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function textsOf(svg: string): readonly Words[] {
  return [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(
    ([, attributes = '', words = '']) => {
      const of = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(attributes)?.[1];
      const [x, y, size] = [Number(of('x')), Number(of('y')), Number(of('font-size'))];
      const width = widthOf(words, size, of('font-weight') !== undefined);
      const shares = { start: 0, middle: 0.5, end: 1 };
      const anchor = (of('text-anchor') ?? 'start') as keyof typeof shares;
      const left = x - width * shares[anchor];
      return { words, left, right: left + width, top: y - 0.75 * size, bottom: y + 0.2 * size };
    },
  );
}

function overlapsIn(svg: string): readonly string[] {
  const texts = textsOf(svg);
  return texts.flatMap((one, place) =>
    texts
      .slice(place + 1)
      .filter(
        (other) =>
          one.left < other.right &&
          other.left < one.right &&
          one.top < other.bottom &&
          other.top < one.bottom,
      )
      .map((other) => `${one.words} | ${other.words}`),
  );
}

/** Whether every element is closed in its order, and nothing is left that should be escaped. */
function isWellFormed(svg: string): boolean {
  const open: string[] = [];
  const tag = /<(\/?)([a-z]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*)(\/?)>/g;
  for (const [, isEnd, name = '', , isEmpty] of svg.matchAll(tag)) {
    if (isEnd) {
      if (open.pop() !== name) {
        return false;
      }
    } else if (!isEmpty) {
      open.push(name);
    }
  }
  const rest = svg.replace(tag, '').replace(/&(?:amp|lt|gt|quot);/g, '');
  return open.length === 0 && !/[<&]/.test(rest);
}

/** WCAG 2: from 1 to 21. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((place) => {
      const share = Number.parseInt(colour.slice(place, place + 2), 16) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('a picture', () => {
  it('is well-formed', () => {
    fc.assert(
      fc.property(timelines, (given) => {
        expect(isWellFormed(drawTimeline(givenTimeline(given)))).toBe(true);
      }),
    );
  });

  it('has no texts that overlap', () => {
    fc.assert(
      fc.property(timelines, (given) => {
        expect(overlapsIn(drawTimeline(givenTimeline(given)))).toEqual([]);
      }),
    );
  });

  it('has all its texts within its frame', () => {
    fc.assert(
      fc.property(timelines, (given) => {
        const svg = drawTimeline(givenTimeline(given));
        const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
        const outside = textsOf(svg).filter(
          ({ left, right, top, bottom }) =>
            left < 0 || right > (width ?? 0) || top < 0 || bottom > (height ?? 0),
        );
        expect(outside).toEqual([]);
      }),
    );
  });

  it('has a style for each colour that it uses', () => {
    const styled = new Set(stylesheet().match(/(?<=\.)[fs]-[a-zA-Z]+/g));
    fc.assert(
      fc.property(timelines, (given) => {
        const svg = drawTimeline(givenTimeline(given));
        const used = [...svg.matchAll(/class="([^"]+)"/g)].flatMap(([, all = '']) =>
          all.split(' '),
        );
        expect(used.filter((name) => !styled.has(name))).toEqual([]);
      }),
    );
  });

  it('holds no number that is none', () => {
    fc.assert(
      fc.property(timelines, (given) => {
        expect(drawTimeline(givenTimeline(given))).not.toMatch(/NaN|Infinity|undefined/);
      }),
    );
  });
});

describe.each(['light', 'dark'] as const)('on a %s page', (scheme) => {
  const shade = (colour: Shade) => colour[scheme];

  it.each([
    ['text', 'page'],
    ['muted', 'page'],
    ['good', 'page'],
    ['bad', 'page'],
    ['warning', 'page'],
    ['text', 'firstReserve'],
    ['text', 'secondReserve'],
    ['onFamily', 'firstFamily'],
    ['onFamily', 'secondFamily'],
  ] as const)('%s can be read on %s', (letters, ground) => {
    expect(contrast(shade(PALETTE[letters]), shade(PALETTE[ground]))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['firstFamily', 'firstReserve'],
    ['secondFamily', 'secondReserve'],
    ['firstFamily', 'page'],
    ['secondFamily', 'page'],
  ] as const)('%s is told from %s', (one, other) => {
    expect(contrast(shade(PALETTE[one]), shade(PALETTE[other]))).toBeGreaterThanOrEqual(3);
  });
});
