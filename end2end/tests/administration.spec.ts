/** What an administrator does in the admin console. */
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { at, SERVICES } from "../support/ports.js";
import { expect, open, test } from "../support/test.js";

test.use({ site: "admin-web" });

test("all eighteen services are listed with their health", async ({ page }) => {
  await open(page, "/services");
  const main = page.getByRole("main");
  for (const name of Object.keys(SERVICES)) await expect(main.getByText(name, { exact: true }).first()).toBeVisible();
});

test("users are listed with their roles", async ({ page, client }) => {
  const email = `guest.${randomUUID().slice(0, 8)}@mail.example`;
  await client.create("/api/v1/users", { email, name: "Greta Gast", role: "guest", password: "a-long-guest-password" });
  await open(page, "/users");
  await expect(page.getByRole("row").filter({ hasText: email })).toContainText(/guest/i);
});

test("a sign-in is in the audit log", async ({ page }) => {
  await open(page, "/audit");
  await expect(page.getByRole("main").getByText(/sign|login/i).first()).toBeVisible();
});

test("the audit log is exported with its chain", async ({ page }) => {
  await open(page, "/audit");
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export", exact: true }).click();
  const file = await (await waiting).path();
  const [first] = (await readFile(file, "utf8")).split("\n");
  expect(JSON.parse(first ?? "")).toMatchObject({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), entry: { sequence: 1 } });
});

test("log lines can be read", async ({ page }) => {
  await open(page, "/logs");
  await expect(page.getByRole("main").getByRole("listitem").first()).toBeVisible();
});

test("log lines are searched between two times", async ({ page }) => {
  await open(page, "/logs");
  await page.getByLabel("From", { exact: true }).fill("2020-01-01T00:00");
  await page.getByLabel("To", { exact: true }).fill("2020-01-02T00:00");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("No lines")).toBeVisible();
  await page.getByLabel("To", { exact: true }).fill("2099-01-01T00:00");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("main").getByRole("listitem").first()).toBeVisible();
});

test("a user is added and suspended", async ({ page }) => {
  const email = `nina.${randomUUID().slice(0, 8)}@mail.example`;
  await open(page, "/users?panel=new");
  await page.getByLabel("Name", { exact: true }).fill("Nina Neu");
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("First password").fill("a-long-first-password");
  await page.getByRole("button", { name: "Add user" }).click();
  await expect(page.getByRole("complementary").getByText(email)).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: email })).toContainText("Active");
  await page.getByRole("complementary").getByRole("combobox", { name: "Status" }).selectOption("suspended");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("row").filter({ hasText: email })).toContainText("Suspended");
});

test("the matrix says which role may do what", async ({ page }) => {
  await open(page, "/users/roles");
  await expect(page.getByRole("row").filter({ hasText: "Make and restore backups" }).getByText("yes")).toHaveCount(1);
});

test("whether somebody may do something is answered with the rule", async ({ page, client }) => {
  const email = `guest.${randomUUID().slice(0, 8)}@mail.example`;
  const guest = await client.create("/api/v1/users", { email, name: "Gitta Gast", role: "guest", password: "a-long-guest-password" });
  await open(page, `/users?user=${guest.id}`);
  const panel = page.getByRole("complementary");
  for (const [permission, answer] of [["people:write", "No: the role Guest may not"], ["jobs:read", "Yes: the role Guest may"]] as const) {
    await panel.getByRole("combobox", { name: "What" }).selectOption(permission);
    await panel.getByRole("button", { name: "Ask", exact: true }).click();
    await expect(panel).toContainText(answer);
  }
});

test("a service in maintenance answers super administrators alone", async ({ page, client, request }) => {
  const who = { email: `uma.${randomUUID().slice(0, 8)}@mail.example`, password: "a-long-user-password" };
  await client.create("/api/v1/users", { ...who, name: "Uma User", role: "user" });
  const login = await request.post(`${at("gateway")}/api/v1/users/login`, { data: who });
  const headers = { authorization: `Bearer ${(await login.json()).access_token}` };
  const asked = async () => (await request.get(`${at("gateway")}/m/v1/sync`, { headers })).status();
  await open(page, "/config");
  const mobile = page.getByRole("checkbox", { name: "mobile", exact: true });
  for (const [ticked, status] of [[true, 503], [false, 200]] as const) {
    await mobile.setChecked(ticked);
    await page.getByRole("button", { name: "Save and apply" }).click();
    await expect.poll(asked).toBe(status);
    await expect(mobile).toBeChecked({ checked: ticked });
  }
});

test.describe("settings", () => {
  test.use({ expectedErrors: [/422/] });

  test("a wrong setting is named at its field, a right one is in force and taken back", async ({ page }) => {
    await open(page, "/config");
    const level = page.getByRole("textbox", { name: "Log level" });
    const before = await level.inputValue();
    await level.fill("looma=shouting");
    await page.getByRole("button", { name: "Save and apply" }).click();
    await expect(level).toHaveAttribute("aria-invalid", "true");
    await expect(level).toHaveValue("looma=shouting");
    await level.fill(`${before},looma_mobile=debug`);
    await page.getByRole("button", { name: "Save and apply" }).click();
    await expect(page.getByText("The settings are in force").first()).toBeVisible();
    const newest = page.getByRole("row").filter({ hasText: "In force" });
    await newest.getByRole("link", { name: /What version/ }).click();
    await expect(page.getByRole("complementary")).toContainText("looma_mobile=debug");
    await page.getByRole("button", { name: /Go back to version/ }).first().click();
    await expect(level).toHaveValue(before);
  });
});

test("a backup is made, found whole, restored beside and deleted", async ({ page }) => {
  test.slow();
  await open(page, "/backups");
  // Earlier backups may stand there already: the one meant is the one that was not there before.
  const links = page.getByRole("row").getByRole("link");
  const earlier = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  await page.getByRole("button", { name: "Back up now" }).click();
  await expect(links).toHaveCount(earlier.length + 1);
  const all = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  const made = all.find((href) => !earlier.includes(href));
  const row = page.getByRole("row").filter({ has: page.locator(`a[href="${made}"]`) });
  await expect(row).toContainText("Complete", { timeout: 60_000 });
  await row.getByRole("link").click();
  const panel = page.getByRole("complementary");
  // What is typed stays while the check runs and the panel says when that was.
  const folder = `again-${randomUUID().slice(0, 8)}`;
  await panel.getByLabel("Name of the new folder").fill(folder);
  await panel.getByRole("button", { name: "Verify" }).click();
  await expect(page).toHaveURL(/job=/);
  await expect(panel).toContainText("The backup is whole", { timeout: 60_000 });
  await expect(panel).not.toContainText("not yet");
  await expect(panel.getByLabel("Name of the new folder")).toHaveValue(folder);
  await panel.getByRole("button", { name: "Restore" }).click();
  await expect(panel).toContainText("looma up --data", { timeout: 60_000 });
  await expect(panel).toContainText(folder);
  // The address keeps the result.
  await page.reload();
  await expect(panel).toContainText("looma up --data");
  await panel.getByLabel("Yes, delete this backup for good.").check();
  await panel.getByRole("button", { name: "Delete" }).click();
  await expect(panel).toBeHidden();
});

test("lines are shown as they are written, and held back by a pause", async ({ page, client }) => {
  await open(page, "/logs?tab=live");
  await expect(page.getByRole("main").getByText("Live", { exact: true }).last()).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  await page.getByRole("button", { name: "Go on" }).click();
  await client.create("/api/v1/companies", { name: `Loud ${randomUUID().slice(0, 8)}` });
  await expect(page.getByRole("main").getByRole("listitem").first()).toBeVisible();
});

test("projections are compared with the records", async ({ page }) => {
  await open(page, "/projections");
  await page.getByRole("button", { name: "Verify all" }).click();
  await expect(page).toHaveURL(/operation=/);
  await expect(page.getByRole("table", { name: "Result" })).toContainText("graph", { timeout: 60_000 });
});
