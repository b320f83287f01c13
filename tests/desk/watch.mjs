// SPDX-License-Identifier: GPL-3.0-or-later
// watch.mjs ORIGIN LINK: a person's first day in Debian's Chromium: the one-time link, a password, the empty queue; it says "watching", waits until
// what was dropped is told as it happens, and approves the one item that waits. Prints the item's address. GHAT_NODE: the folder with
// node_modules; GHAT_PASSWORD: what becomes the password.
import { createRequire } from 'node:module';
const modules = createRequire(process.env.GHAT_NODE + '/');
const { chromium } = modules('playwright-core');
const [origin, link] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, locale: 'en', ignoreHTTPSErrors: true });
context.setDefaultTimeout(120000);
const page = await context.newPage();
await page.goto(link);
await page.fill('input[name=password]', process.env.GHAT_PASSWORD);
await page.fill('input[name=password_again]', process.env.GHAT_PASSWORD);
await page.click('button.main');
await page.waitForURL(url => !url.pathname.startsWith('/first/'));
await page.goto(`${origin}/q`);
console.log('watching');
await page.locator('[data-fresh] a').waitFor({ state: 'visible' });
await page.goto(`${origin}/q`);
console.log(await page.locator('.card h2 a').first().getAttribute('href'));
await page.waitForFunction(() => [...document.querySelectorAll('.card img')].some(i => i.naturalWidth > 0));
await page.locator('.card button.main').first().tap();
await page.locator('.toast').waitFor();
console.log('approved');
await browser.close();
