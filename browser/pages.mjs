// The table of pages: every check of all pages, and every picture, goes through it. One line for each sort of page, with the
// path of one that has much on it. `status` is what it answers, 200 by default; `prepare` brings it into another state first.

export const pages = [
  { name: 'home', path: '/' },
];
