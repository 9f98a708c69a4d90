// Starting Chromium, and watching what a page does that it may not do.

import { chromium } from 'playwright-core';

/** Where the server under test is. */
export const base = need('CALLBOARD_BASE');

/** Where pictures go. */
export const pictures = need('CALLBOARD_PICTURES');

/** The folder of descriptors that the server harvests. */
export const estate = process.env.CALLBOARD_ESTATE;

/** The widths at which pages are looked at: a desk, a tablet, a phone. */
export const widths = [1440, 768, 390];

/** Both colour schemes. */
export const themes = ['light', 'dark'];

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`cargo xtask test --only browser\` sets it`);
  return value;
}

/** Starts a browser of its own, with a profile that is thrown away. */
export function launch() {
  return chromium.launch({ executablePath: process.env.CALLBOARD_CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/** Opens a window that has never been here: nothing cached, nothing stored. */
export async function openWindow(browser, { theme = 'light', width = 1440, javaScript = true, permissions = [] } = {}) {
  const context = await browser.newContext({
    baseURL: base,
    colorScheme: theme,
    reducedMotion: 'reduce',
    viewport: { width, height: width < 500 ? 844 : 900 },
    hasTouch: width < 500,
    javaScriptEnabled: javaScript,
    permissions,
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(30_000);
  return context;
}

/** Collects what no page may do: ask another origin, break the content security policy, or complain in the console. */
export function watchFaults(page) {
  const faults = [];
  const origin = new URL(base).origin;
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) faults.push(`asked another origin: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && response.request().resourceType() !== 'document') {
      faults.push(`${response.status()} for ${response.url()}`);
    }
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    // A page that is left while it still loads something has done nothing wrong.
    if (reason !== 'net::ERR_ABORTED') faults.push(`${reason} for ${request.url()}`);
  });
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    // That the page itself is a 404 is said in the console too; the table of pages knows it.
    const isStatus = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isStatus) faults.push(`console: ${message.text()}`);
  });
  return faults;
}

/** Counts the bytes of all answers as they came over the wire, heads included. */
export async function countBytes(page) {
  const client = await page.context().newCDPSession(page);
  const counted = { bytes: 0, parts: [] };
  const urls = new Map();
  await client.send('Network.enable');
  client.on('Network.requestWillBeSent', (event) => urls.set(event.requestId, event.request.url));
  client.on('Network.loadingFinished', (event) => {
    counted.bytes += event.encodedDataLength;
    counted.parts.push(`${event.encodedDataLength} ${urls.get(event.requestId)}`);
  });
  return counted;
}

/** Goes to a page of the table and brings it into its state. */
export async function visit(page, entry) {
  const answer = await page.goto(entry.path, { waitUntil: 'load' });
  const status = answer?.status();
  if (status !== (entry.status ?? 200)) throw new Error(`${entry.path} answered ${status}`);
  await page.waitForLoadState('networkidle');
  if (entry.prepare) await entry.prepare(page);
}
