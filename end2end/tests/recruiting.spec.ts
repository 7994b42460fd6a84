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

test.describe("on the board", () => {
  test("a card moves by keyboard and says so", async ({ page, client }) => {
    const { card, stages, stage } = await boardWithOneCard(page, client);
    await card.focus();
    const saved = page.waitForResponse(/\/api\/web\/jobs\/move/);
    await page.keyboard.press("Alt+ArrowRight");
    await expect(page.getByRole("status").filter({ hasText: stages[1] })).toHaveCount(1);
    await expect(stage(1).getByRole("article")).toHaveCount(1);
    expect((await saved).status()).toBe(200);
    await page.reload();
    await expect(stage(1).getByRole("article")).toHaveCount(1);
  });

  test("a card moves by drag", async ({ page, client }) => {
    const { card, stage } = await boardWithOneCard(page, client);
    const saved = page.waitForResponse(/\/api\/web\/jobs\/move/);
    await card.dragTo(stage(2));
    await expect(stage(2).getByRole("article")).toHaveCount(1);
    expect((await saved).status()).toBe(200);
    await page.reload();
    await expect(stage(2).getByRole("article")).toHaveCount(1);
  });
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
  await expect(main.locator("svg").getByRole("link", { name: friend.name })).toBeVisible();
  await expect(main.getByRole("listitem").filter({ hasText: friend.name }).first()).toBeVisible();
});

test("the palette finds a record by its name", async ({ page }) => {
  await open(page, "/jobs");
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Commands" });
  await palette.getByRole("combobox").fill(`Backend engineer ${tag}`);
  await palette.getByRole("option", { name: `Backend engineer ${tag}` }).filter({ hasText: "Job" }).click();
  await expect(page).toHaveURL(new RegExp(`/jobs/${records.job}$`));
  await expect(palette).toBeHidden();
});

test("the keys are listed, and the filter is one key away", async ({ page }) => {
  await open(page, "/people");
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await expect(keys).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(keys).toBeHidden();
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox").first()).toBeFocused();
});

test("a relationship is changed and deleted where it stands", async ({ page, client }) => {
  const [one, other] = [await client.create("/api/v1/people", { name: `Ada ${tag}` }), await client.create("/api/v1/people", { name: `Bo ${tag}` })];
  const person = (id: string) => ({ type: "person", id });
  await client.create("/api/v1/relationships", { from: person(one.id), to: person(other.id), kind: "knows" });
  await open(page, `/people/${one.id}?tab=relationships`);
  const tie = page.getByRole("list", { name: "Relationships" }).getByRole("listitem").filter({ hasText: other.name });
  await tie.getByText("Edit", { exact: true }).click();
  await tie.getByLabel("How").selectOption("advises");
  await tie.getByLabel("Strength in percent").fill("90");
  await tie.getByRole("button", { name: "Save" }).click();
  await expect(tie).toContainText("Strong · 90%");
  await tie.getByText("Edit", { exact: true }).click();
  await tie.getByLabel("Yes, delete this relationship.").check();
  await tie.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("No relationships yet")).toBeVisible();
});

test("a person is deleted only after saying what goes", async ({ page, client }) => {
  const person = await client.create("/api/v1/people", { name: `Gone ${tag}` });
  await open(page, `/people/${person.id}`);
  await page.getByText("Delete this person", { exact: true }).click();
  await expect(page.getByText(`${person.name} goes for good`)).toBeVisible();
  await page.getByLabel("Yes, delete this person for good.").check();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(page).toHaveURL(/\/people$/);
  expect((await client.send("GET", `/api/v1/people/${person.id}`)).status()).toBe(404);
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

/** Opens the board of a new job to which one person applied. */
async function boardWithOneCard(page: Page, client: Client) {
  const { company_id } = await client.get(`/api/v1/jobs/${records.job}`);
  const job = await client.create("/api/v1/jobs", { title: `Board ${randomUUID().slice(0, 8)}`, company_id });
  await client.act(`/api/v1/jobs/${job.id}/publish`);
  await client.create("/api/v1/applications", { job_id: job.id, person_id: records.person });
  const pipeline = (await client.get("/api/v1/pipelines")).items[0];
  const stages: string[] = pipeline.stages.map((stage: Json) => stage.name.find((name: Json) => name.lang === "en").value);
  await open(page, `/jobs/${job.id}/board`);
  const stage = (index: number) => page.getByRole("region", { name: stages[index], exact: true });
  const card = stage(0).getByRole("article");
  await expect(card).toContainText("Marlene Vogt");
  return { card, stage, stages };
}
