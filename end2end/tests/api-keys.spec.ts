import { at } from "../support/ports.js";
import { expect, expectAccessible, open, test } from "../support/test.js";

test.describe("API keys", () => {
  // A wrong address is answered with 422.
  test.use({ expectedErrors: [/status of 422/] });

  test("a key is made for some permissions and from some addresses alone", async ({ page, request }) => {
    const name = `Import ${Date.now()}`;
    await open(page, "/settings");
    await page.getByText("New API key").click();
    await page.getByLabel("What it is for").fill(name);
    await page.getByLabel("See jobs", { exact: true }).check();
    const addresses = page.getByLabel(/^Only from these addresses/);
    await addresses.fill("198.51.100.0/24, office");
    await page.getByRole("button", { name: "Make key" }).click();
    await expect(page.getByText("`office` is neither an IP address nor a network")).toBeVisible();
    await expectAccessible(page);

    await addresses.fill("127.0.0.1");
    await page.getByRole("button", { name: "Make key" }).click();
    const headers = { "x-api-key": await page.getByLabel("The key's secret").inputValue() };
    const row = page.getByRole("listitem").filter({ hasText: name });
    await expect(row).toContainText("only for: See jobs");
    await expect(row).toContainText("only from: 127.0.0.1");
    const asked = async (path: string) => (await request.get(`${at("gateway")}${path}`, { headers })).status();
    expect([await asked("/api/v1/jobs"), await asked("/api/v1/people")]).toEqual([200, 403]);
    await page.getByRole("button", { name: `Delete the key ${name}` }).click();
    await expect(row).toHaveCount(0);
  });
});
