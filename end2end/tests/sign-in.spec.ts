import { ADMIN } from "../support/ports.js";
import { expect, open, openMenu, signIn, test } from "../support/test.js";

for (const site of ["web", "admin-web"] as const) {
  test.describe(site, () => {
    test.use({ site, signedIn: false });

    test("a stranger is asked to sign in, and sees the page afterwards", async ({ page }) => {
      await open(page, site === "web" ? "/people" : "/users");
      await expect(page.getByRole("button", { name: /^sign in/i })).toBeVisible();
      await signIn(page);
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(site === "web" ? /people/i : /users/i);
      await expect(page).toHaveURL(site === "web" ? /\/people$/ : /\/users$/);
    });

    test("signing out ends the session", async ({ page, context }) => {
      await open(page, "/sign-in");
      await signIn(page);
      const before = await context.cookies();
      expect(before.filter((cookie) => cookie.httpOnly && cookie.sameSite !== "None").length).toBeGreaterThan(0);
      await openMenu(page);
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page.getByRole("button", { name: /^sign in/i })).toBeVisible();
      await context.addCookies(before);
      await open(page, "/");
      await expect(page.getByRole("button", { name: /^sign in/i })).toBeVisible();
    });

    test("signing in goes on to the page that was asked for, never elsewhere", async ({ page, context }) => {
      const wanted = site === "web" ? "/people?sort=-updated_at" : "/logs?level=warn";
      await open(page, `/sign-in?next=${encodeURIComponent(wanted)}`);
      await signIn(page);
      await expect(page).toHaveURL(new RegExp(`${wanted.replace("?", "\\?")}$`));
      for (const odd of ["", "?next=//evil.example", "?next=https://evil.example"]) {
        await open(page, `/sign-in${odd}`);
        await expect(page).toHaveURL(/:\d+\/$/);
      }
      await context.clearCookies();
      await open(page, "/sign-in");
      await signIn(page);
      await expect(page).toHaveURL(/:\d+\/$/);
    });

    test.describe("with a wrong password", () => {
      test.use({ expectedErrors: [/status of 401/] });

      test("the form says so and keeps the e-mail", async ({ page }) => {
        await open(page, "/sign-in");
        await page.getByLabel(/^e-?mail/i).fill(ADMIN.email);
        await page.getByLabel(/^password/i).fill("not the password");
        await page.getByRole("button", { name: /^sign in/i }).click();
        await expect(page.getByRole("alert")).toBeVisible();
        await expect(page).toHaveURL(/\/sign-in/);
        await expect(page.getByLabel(/^e-?mail/i)).toHaveValue(ADMIN.email);
      });
    });
  });
}

test("the language can be changed and stays", async ({ page }) => {
  await open(page, "/people");
  await openMenu(page);
  await page.getByRole("link", { name: "中文" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await open(page, "/jobs");
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
});
