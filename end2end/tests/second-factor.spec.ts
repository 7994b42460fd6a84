import { at } from "../support/ports.js";
import { expect, expectAccessible, open, openMenu, signIn, test } from "../support/test.js";
import { totp } from "../support/totp.js";

test.describe("a second factor", () => {
  // Sign-in answers 401 while the code is missing or wrong.
  test.use({ signedIn: false, expectedErrors: [/status of 401/] });

  test("is set up with an app, asked for at sign-in, and turned off by an administrator", async ({ page, client, browser }) => {
    const who = { email: `factor-${Date.now()}@looma.example`, password: "four unrelated words" };
    const user = await client.create("/api/v1/users", { ...who, name: "Fay Ctor", role: "user" });

    await open(page, "/settings");
    await signIn(page, who);
    await page.getByText("Set up an authenticator app").click();
    await page.locator("#password-begin").fill(who.password);
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page.getByAltText("QR code for your authenticator app")).toBeVisible();
    const secret = (await page.locator("[data-secret]").getAttribute("data-secret"))!;
    await expect(page.getByLabel("Code", { exact: true })).toBeFocused();
    await expectAccessible(page);
    await page.getByLabel("Code", { exact: true }).fill(totp(secret));
    await page.getByRole("button", { name: "Turn on" }).click();
    const codes = page.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
    await expect(codes).toHaveCount(10);
    await expect(page.getByText("10 recovery codes left")).toBeVisible();
    await expectAccessible(page);
    const recovery = await codes.first().innerText();

    await openMenu(page, who);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel(/^e-?mail/i).fill(who.email);
    await page.getByLabel(/^password/i).fill(who.password);
    await page.getByRole("button", { name: /^sign in/i }).click();
    await expect(page.getByText("Your account has a second factor.")).toBeVisible();
    const code = page.getByLabel("Code", { exact: true });
    await expect(code).toBeFocused();
    await expectAccessible(page);
    await code.fill("000000");
    await page.getByRole("button", { name: /^sign in/i }).click();
    await expect(page.getByText("This is not the code")).toBeVisible();
    await code.fill(recovery);
    await page.getByRole("button", { name: /^sign in/i }).click();
    await code.waitFor({ state: "detached" });
    await open(page, "/settings");
    await expect(page.getByText("9 recovery codes left")).toBeVisible();

    const context = await browser.newContext({ baseURL: at("admin-web"), locale: "en-GB" });
    const console_ = await context.newPage();
    await open(console_, `/users?user=${user.id}`);
    await signIn(console_);
    await console_.getByRole("button", { name: "Turn off second factor" }).click();
    await expect(console_.getByText("The second factor is off")).toBeVisible();
    await console_.getByRole("button", { name: "Turn off second factor" }).click();
    await expect(console_.getByText("This user has no second factor.")).toBeVisible();
    await context.close();
    await page.reload();
    await expect(page.getByText("Set up an authenticator app")).toBeVisible();
  });
});
