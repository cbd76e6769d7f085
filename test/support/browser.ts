import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { describe } from 'vitest';
import { whenOver } from './when-over.ts';

// Debian's; none is downloaded.
const EXECUTABLE = '/usr/bin/chromium';

/** Tests that need a browser. Without one they are skipped, and name what is missing. */
export function describeBrowser(name: string, tests: () => void): void {
  const isHere = existsSync(EXECUTABLE);
  describe.skipIf(!isHere)(isHere ? name : `${name} (needs apt-get install chromium)`, tests);
}

/** Starts a browser that ends with its test, or, made outside of a test, with its file. */
export async function startBrowser(): Promise<Browser> {
  // Chromium's own sandbox does not work for root, and the pages are ours.
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ['--no-sandbox'] });
  whenOver(() => browser.close());
  return browser;
}

export type View = { readonly width?: number; readonly colorScheme?: 'light' | 'dark' };

/** A file as a person sees it in a browser. */
export type Opened = {
  readonly page: Page;
  /** The messages of the console, and all requests except for the file itself. */
  readonly complaints: readonly string[];
};

export async function openFile(
  browser: Browser,
  file: string,
  { width = 1280, colorScheme = 'light' }: View = {},
): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  const complaints: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (request.url() !== url) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(url);
  return { page, complaints };
}
