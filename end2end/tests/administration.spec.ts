/** What an administrator does in the admin console. */
import { randomUUID } from "node:crypto";
import { SERVICES } from "../support/ports.js";
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

test("log lines can be read", async ({ page }) => {
  await open(page, "/logs");
  await expect(page.getByRole("main").getByText(/gateway|user|web/).first()).toBeVisible();
});
