/** Cells of one HTML table, read in one pass: enough for a server-made table, and no more work than its length. */

/** A cell's text with entities decoded and blanks joined, and the classes of the elements in it. */
export interface HtmlCell {
  readonly text: string;
  readonly classes: readonly string[];
}

/** The rows of a table by part. */
export interface HtmlTable {
  readonly body: readonly (readonly HtmlCell[])[];
  readonly foot: readonly (readonly HtmlCell[])[];
}

/** No cell of a table of figures is longer; the rest of a longer one is left out. */
const maxCell = 2000;

/** The first table that has a class; `undefined` without one. Rows of a `thead` are left out. */
export function readHtmlTable(html: string, className: string): HtmlTable | undefined {
  const body: HtmlCell[][] = [];
  const foot: HtmlCell[][] = [];
  let part: HtmlCell[][] | undefined = body;
  let row: HtmlCell[] | undefined;
  let cell: { text: string; classes: string[] } | undefined;
  let inside = false;

  const endCell = (): void => {
    if (cell && row) row.push({ text: tidy(cell.text), classes: cell.classes });
    cell = undefined;
  };
  const endRow = (): void => {
    endCell();
    if (row && row.length > 0) part?.push(row);
    row = undefined;
  };

  for (let at = 0; at < html.length;) {
    const open = html.indexOf('<', at);
    if (open < 0) break;
    if (cell && cell.text.length < maxCell) cell.text += html.slice(at, Math.min(open, at + maxCell));
    if (html.startsWith('<!--', open)) {
      const end = html.indexOf('-->', open + 4);
      if (end < 0) break;
      at = end + 3;
      continue;
    }
    const close = html.indexOf('>', open);
    if (close < 0) break;
    const tag = html.slice(open + 1, Math.min(close, open + 600));
    at = close + 1;
    const name = /^\/?[a-z0-9]*/i.exec(tag)![0].toLowerCase();
    if (name === 'script' || name === 'style') {
      const end = html.indexOf(`</${name}`, at);
      if (end < 0) break;
      at = end;
    } else if (!inside) inside = name === 'table' && classesOf(tag).includes(className);
    else if (name === '/table') {
      endRow();
      return { body, foot };
    } else if (name === 'thead') {
      endRow();
      part = undefined;
    } else if (name === '/thead' || name === 'tbody') {
      endRow();
      part = body;
    } else if (name === 'tfoot') {
      endRow();
      part = foot;
    } else if (name === 'tr') {
      endRow();
      row = [];
    } else if (name === '/tr') endRow();
    else if (name === 'td' || name === 'th') {
      endCell();
      cell = { text: '', classes: [...classesOf(tag)] };
    } else if (name === '/td' || name === '/th') endCell();
    else if (cell) {
      cell.classes.push(...classesOf(tag).slice(0, 8));
      if (name === 'br') cell.text += ' ';
    }
  }
  // A table without an end is an answer that was cut.
  return undefined;
}

function classesOf(tag: string): readonly string[] {
  const at = tag.search(/\sclass\s?=/i);
  if (at < 0) return [];
  const rest = tag.slice(tag.indexOf('=', at) + 1).trimStart();
  const quote = rest[0];
  const value = quote === '"' || quote === "'" ? (rest.slice(1).split(quote)[0] ?? '') : (rest.split(/[\s/]/)[0] ?? '');
  return value.split(/\s+/).filter((name) => name !== '');
}

const named: Readonly<Record<string, string>> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function tidy(text: string): string {
  return text
    .replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]{2,6});/gi, (whole, entity: string) => {
      if (!entity.startsWith('#')) return named[entity.toLowerCase()] ?? whole;
      const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replace(/[\s\u00a0]+/g, ' ')
    .trim();
}
