/** A recruiter's day in the browser: resumes in, a match, a card moved, a search, a way to be introduced. */
import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import type { Client, File, Json } from "../support/client.js";
import { makeRecords, type Records } from "../support/pages.js";
import { anyPhone as phone, chineseResume, pdfResume } from "../support/resumes.mjs";
import { expect, open, test } from "../support/test.js";

const tag = randomUUID().slice(0, 8);
let records: Records;
test.beforeAll(async ({ client }) => {
  records = await makeRecords(client, tag);
});

test("several dropped resumes become people while their progress is shown", async ({ page }) => {
  const unique = randomUUID().slice(0, 8);
  await open(page, "/imports");
  await drop(page, [
    pdfResume({ name: "Henrike Sommer", email: `henrike.${unique}@mail.example`, phone: phone() }),
    chineseResume("周若溪", `zhou.${unique}@mail.example`, phone()),
    { name: `broken-${unique}.pdf`, mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 not one") },
  ]);
  const files = page.getByRole("main");
  await expect(files.getByText("henrike-sommer.pdf").first()).toBeVisible();
  await expect(files.getByText("Henrike Sommer").first()).toBeVisible({ timeout: 20_000 });
  await expect(files.getByText("周若溪").first()).toBeVisible({ timeout: 20_000 });
  await expect(files.getByText(`broken-${unique}.pdf`).first()).toBeVisible();
  await files.getByRole("link", { name: "Henrike Sommer" }).first().click();
  await expect(page).toHaveURL(/\/people\/[0-9a-f-]{36}/);
  await expect(page.getByRole("heading", { name: "Henrike Sommer" }).first()).toBeVisible();
  await expect(page.getByText("Northwind Analytics").first()).toBeVisible();
});

test("a match shows its score, quotes its reasons and says what is missing", async ({ page, client }) => {
  const job = await client.get(`/api/v1/jobs/${records.job}`);
  await open(page, `/jobs/${records.job}/matches`);
  await expect(page.getByRole("main")).toContainText(job.title);
  const match = page.getByRole("main").getByRole("listitem").or(page.getByRole("row")).or(page.getByRole("article")).filter({ hasText: "Marlene Vogt" });
  await expect(match.first()).toBeVisible();
  await expect(match.first()).toContainText("Rust");
});

test("search finds a person by a word of the resume", async ({ page }) => {
  await open(page, "/search?q=Kubernetes");
  await expect(page.getByRole("main").getByRole("link", { name: /Marlene Vogt/ }).first()).toBeVisible();
});

test("the introduction path is drawn, with the same as a list", async ({ page, client }) => {
  const friend = await client.create("/api/v1/people", { name: `Jonas Weber ${tag}` });
  const company = await client.create("/api/v1/companies", { name: `Fjord ${tag}` });
  const person = (id: string) => ({ type: "person", id });
  await client.create("/api/v1/relationships", { from: person(records.person), to: person(friend.id), kind: "worked_with" });
  const { position } = await client.create("/api/v1/relationships", {
    from: person(friend.id),
    to: { type: "company", id: company.id },
    kind: "employed_by",
  });
  const ends = `from=person:${records.person}&to=company:${company.id}`;
  await client.get(`/api/v1/relationships/paths?${ends}&wait_for=${position}`);
  await open(page, `/paths?${ends}`);
  const main = page.getByRole("main");
  await expect(main.locator("svg[role], figure svg, .graph svg").first()).toBeVisible();
  await expect(main.getByRole("listitem").filter({ hasText: friend.name }).first()).toBeVisible();
});

/** Drops files onto the page's drop zone, as from a file manager. */
async function drop(page: Page, files: File[]) {
  const plain = files.map(({ name, mimeType, buffer }) => ({ name, type: mimeType, bytes: buffer.toString("base64") }));
  const data = await page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, type, bytes } of list) {
      transfer.items.add(new File([Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0))], name, { type }));
    }
    return transfer;
  }, plain);
  const zone = page.locator("label").filter({ has: page.locator('input[type="file"]') }).first();
  await zone.dispatchEvent("dragover", { dataTransfer: data });
  await zone.dispatchEvent("drop", { dataTransfer: data });
}
