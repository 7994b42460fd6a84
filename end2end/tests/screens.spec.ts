/**
 * Opens every page in both languages, both colour schemes and two widths: without a complaint of the browser, usable
 * without sideways scrolling, accessible; and keeps a picture of each in `screenshots/` to look at.
 */
import { randomUUID } from "node:crypto";
import { at, type Service } from "../support/ports.js";
import { ADMIN_WEB, makeRecords, WEB, type Records } from "../support/pages.js";
import { expect, expectAccessible, expectNoSidewaysScroll, open, test } from "../support/test.js";

const LANGUAGES = { en: "en-GB", zh: "zh-CN" } as const;
const SCHEMES = ["light", "dark"] as const;
const WIDTHS = { 1440: 900, 390: 844 } as const;

// The pages are looked at independently of each other.
test.describe.configure({ mode: "parallel" });

let records: Records;
test.beforeAll(async ({ client }) => {
  records = await makeRecords(client, randomUUID().slice(0, 8));
});

screens("web", true, WEB);
screens("web", false, { "sign-in": () => "/sign-in" });
screens("admin-web", true, ADMIN_WEB);
screens("admin-web", false, { "sign-in": () => "/sign-in" });

function screens(site: Extract<Service, "web" | "admin-web">, signedIn: boolean, pages: Record<string, (r: Records) => string>) {
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    test.describe(`${site} in ${language}${signedIn ? "" : ", signed out"}`, () => {
      test.use({ site, signedIn, locale });
      for (const [name, path] of Object.entries(pages)) {
        test(name, async ({ page, context }) => {
          // The language follows the browser's, not what an earlier visit chose.
          await context.clearCookies({ name: "looma_lang" });
          await context.clearCookies({ name: "looma_theme" });
          // One load for all: the page follows the scheme and the width by itself.
          await open(page, path(records));
          await expect(page.locator("html")).toHaveAttribute("lang", language === "zh" ? /^zh/ : /^en/);
          await expect(page.getByRole("status", { name: /^(Loading|正在加载)$/ })).toHaveCount(0);
          for (const scheme of SCHEMES) {
            await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
            for (const [width, height] of Object.entries(WIDTHS)) {
              await page.setViewportSize({ width: Number(width), height });
              await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
              await expectNoSidewaysScroll(page);
              // Colours differ by scheme and sizes by width: two of the four see them all.
              if ((scheme === "light") === (width === "1440")) await expectAccessible(page);
              await page.screenshot({ path: `screenshots/${site}/${name}-${language}-${scheme}-${width}.png` });
            }
          }
        });
      }
    });
  }
}

test("the detail pages show the records they are about", async ({ page }) => {
  await open(page, `${at("web")}/people/${records.person}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Marlene Vogt");
});
