/** The `test` that every browser test uses: it fails on any console error, page error or CSP violation. */
import AxeBuilder from "@axe-core/playwright";
import { expect, request, test as base, type Browser, type BrowserContextOptions, type Page } from "@playwright/test";
import { Client } from "./client.js";
import { ADMIN, at, type Service } from "./ports.js";

type State = Exclude<BrowserContextOptions["storageState"], string | undefined>;
type Site = Extract<Service, "web" | "admin-web">;

interface ForTest {
  /** What the browser reported and nobody expected. */
  complaints: string[];
  /** Console errors that a test provokes on purpose, such as the 401 of a wrong password. */
  expectedErrors: RegExp[];
  /** Which application the page belongs to. */
  site: Site;
  /** Whether the page begins signed in. */
  signedIn: boolean;
}
interface ForWorker {
  client: Client;
  sessions: (site: Site) => Promise<State>;
}

export const test = base.extend<ForTest, ForWorker>({
  site: ["web", { option: true }],
  signedIn: [true, { option: true }],
  expectedErrors: [[], { option: true }],

  client: [
    async ({}, use) => {
      const http = await request.newContext();
      await use(await Client.signIn(http));
      await http.dispose();
    },
    { scope: "worker" },
  ],

  // Each worker signs in once on each site, through the real form.
  sessions: [
    async ({ browser }, use) => {
      const made: Partial<Record<Site, Promise<State>>> = {};
      await use((site) => (made[site] ??= sessionOf(browser, site)));
    },
    { scope: "worker" },
  ],

  baseURL: async ({ site }, use) => use(at(site)),
  storageState: async ({ site, signedIn, sessions }, use) => use(signedIn ? await sessions(site) : undefined),

  complaints: [
    async ({ page, expectedErrors }, use) => {
      const complaints: string[] = [];
      await watch(page, (text) => complaints.push(text));
      await use(complaints);
      const unexpected = complaints.filter((text) => !expectedErrors.some((pattern) => pattern.test(text)));
      expect(unexpected, "errors in the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Reports everything that a browser has to complain about a page. */
async function watch(page: Page, report: (text: string) => void) {
  page.on("pageerror", (error) => report(`page error: ${error.message}`));
  page.on("crash", () => report("the page crashed"));
  page.on("console", (message) => {
    if (message.type() === "error") report(`console: ${message.text()} (${message.location().url})`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`CSP: ${event.violatedDirective} blocks ${event.blockedURI || event.sample}`);
    });
  });
}

async function sessionOf(browser: Browser, site: Site): Promise<State> {
  const context = await browser.newContext({ baseURL: at(site), locale: "en-GB" });
  const page = await context.newPage();
  await open(page, "/");
  await signIn(page);
  const state = await context.storageState();
  await context.close();
  return state;
}

/** Fills the form of the sign-in page that is open, and waits for what comes after it. */
export async function signIn(page: Page, who = ADMIN) {
  await page.getByLabel(/^e-?mail|^邮箱/i).fill(who.email);
  await page.getByLabel(/^password|^密码/i).fill(who.password);
  await page.getByRole("button", { name: /^sign in|^登录/i }).click();
  await page.getByLabel(/^password|^密码/i).waitFor({ state: "detached" });
  await hydrated(page);
}

/** Opens the menu with the account, the language and the colours. */
export async function openMenu(page: Page, who = ADMIN) {
  await page.getByRole("button", { name: who.email }).click();
}

/** Opens a page and waits until it reacts to what a user does. */
export async function open(page: Page, path: string) {
  const answer = await page.goto(path);
  expect(answer?.status(), path).toBe(200);
  await hydrated(page);
}

/** Waits for the marker that an effect sets once the page is hydrated. */
export async function hydrated(page: Page) {
  await page.locator("html[data-hydrated], body[data-hydrated]").first().waitFor({ state: "attached" });
}

/** Checks WCAG 2.2 AA as far as a program can. */
export async function expectAccessible(page: Page) {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" ")}`);
  expect(found, `accessibility of ${page.url()}`).toEqual([]);
}

/** Checks that nothing makes the page scroll sideways. */
export async function expectNoSidewaysScroll(page: Page) {
  const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(excess, `${page.url()} is wider than its window by`).toBeLessThanOrEqual(0);
}
