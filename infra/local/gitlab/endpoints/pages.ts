import type { Parameters } from '../api/request.ts';

const PER_PAGE = { usual: 20, most: 100 } as const;

/** One page of a list, with the headers that say which. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly headers: Readonly<Record<string, string>>;
}

/** Cuts one page out of a list. @param url of the list, without a query */
export function paginate<Item>(
  items: readonly Item[],
  parameters: Parameters,
  url: string,
): Page<Item> {
  const perPage = Math.min(positive(parameters['per_page'], PER_PAGE.usual), PER_PAGE.most);
  const page = positive(parameters['page'], 1);
  const pages = Math.max(1, Math.ceil(items.length / perPage));
  const link = (to: number, relation: string): string => {
    const query = new URLSearchParams(parameters as Record<string, string>);
    query.set('page', String(to));
    query.set('per_page', String(perPage));
    return `<${url}?${query}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < pages ? [link(page + 1, 'next')] : []),
    link(1, 'first'),
    link(pages, 'last'),
  ];
  return {
    items: items.slice((page - 1) * perPage, page * perPage),
    headers: {
      'X-Page': String(page),
      'X-Per-Page': String(perPage),
      'X-Total': String(items.length),
      'X-Total-Pages': String(pages),
      'X-Next-Page': page < pages ? String(page + 1) : '',
      'X-Prev-Page': page > 1 ? String(page - 1) : '',
      Link: links.join(', '),
    },
  };
}

function positive(given: unknown, otherwise: number): number {
  const number = Number(given);
  return Number.isInteger(number) && number > 0 ? number : otherwise;
}
