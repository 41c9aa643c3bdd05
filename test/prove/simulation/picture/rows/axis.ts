import { DAY_MS } from '../../timeline/timeline.ts';
import { type DrawLane, FRAME, SIZE } from '../drawing/frame.ts';
import { bar, line, text, widthOf } from '../drawing/svg.ts';

/** The days. */
export const drawAxis: DrawLane = ({ days }, scale, top) => {
  const step = Math.max(10, Math.ceil(days / 100) * 10);
  const marks = Array.from({ length: Math.floor(days / step) + 1 }, (_, index) => index * step);
  const style = { size: SIZE.label, colour: 'muted' } as const;
  const ticks = marks.map((mark) => {
    const x = scale(mark * DAY_MS);
    const middle = Math.min(x, FRAME.right - widthOf(String(mark), SIZE.label) / 2);
    return [
      line([x, top], [x, top + 5], { class: 's-muted' }),
      text(middle, top + 18, String(mark), { ...style, anchor: 'middle' }),
    ].join('');
  });
  const base = line([FRAME.left, top], [FRAME.right, top], { class: 's-muted' });
  const name = text(FRAME.margin, top + 18, 'Day', style);
  return { content: [name, base, ...ticks].join('\n'), height: 34 };
};

/** What the colours mean. */
export const drawLegend: DrawLane = ({ tokens }, _, top) => {
  const hasSecond = tokens.some(({ family }) => family === 'B');
  const entries: readonly (readonly [string, readonly string[]])[] = [
    ['current', hasSecond ? ['firstFamily', 'secondFamily'] : ['firstFamily']],
    ...(hasSecond ? [['alive, not current', ['firstReserve', 'secondReserve']] as const] : []),
    ['lost: alive, but nobody has its value', ['warning']],
    ['AWSCURRENT dead, 401', ['bad']],
    ['no answer', ['muted']],
  ];
  const y = top + 14;
  let x: number = FRAME.left;
  const content = entries.map(([words, colours]) => {
    const swatches = colours.map((colour, place) =>
      bar({ x: x + place * 14, y: y - 9, width: 12, height: 10 }, { class: `f-${colour}` }),
    );
    const start = x + colours.length * 14 + 4;
    x = start + widthOf(words, SIZE.label) + 20;
    const style = { size: SIZE.label, colour: 'muted' } as const;
    return [...swatches, text(start, y, words, style)].join('');
  });
  return { content: content.join('\n'), height: 30 };
};
