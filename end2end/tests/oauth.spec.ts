import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { at } from "../support/ports.js";
import { expect, expectAccessible, hydrated, open, signIn, test } from "../support/test.js";

test.describe("an app asks for access", () => {
  test.use({ signedIn: false });

  // Where the browser comes back to: a page of the app's own.
  let app: Server;
  let back: string;
  test.beforeAll(async () => {
    app = createServer((_, answer) => {
      answer.setHeader("content-type", "text/html");
      answer.end('<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>The app</title><h1>The app</h1></html>');
    });
    await new Promise<void>((done) => app.listen(0, "127.0.0.1", done));
    back = `http://127.0.0.1:${(app.address() as AddressInfo).port}/back`;
  });
  test.afterAll(() => new Promise((done) => app.close(done)));

  test("the user says no, then yes, and ends the access", async ({ page, client, request }) => {
    const name = `Calendar ${Date.now()}`;
    const who = { email: `oauth-${Date.now()}@looma.example`, password: "four unrelated words" };
    await client.create("/api/v1/users", { ...who, name: "Olga Auth", role: "user" });
    const registered = await client.create("/api/v1/oauth-clients", {
      name,
      kind: "confidential",
      grants: ["authorization_code", "refresh_token"],
      redirect_uris: [back],
      scopes: ["openid", "profile", "jobs:read"],
    });
    const verifier = randomBytes(32).toString("base64url");
    const query = new URLSearchParams({
      response_type: "code",
      client_id: registered.id,
      redirect_uri: back,
      scope: "openid profile jobs:read",
      state: "s t&1",
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    });
    const silent = await request.get(`${at("web")}/oauth/authorize?${query}&prompt=none`, { maxRedirects: 0 });
    expect(silent.status()).toBe(303);
    expect(new URL(silent.headers()["location"]).searchParams.get("error")).toBe("login_required");

    await open(page, `/oauth/authorize?${query}`);
    await signIn(page, who);
    await expect(page.getByRole("heading", { name: `${name} asks for access` })).toBeVisible();
    await expect(page.getByRole("list", { name: "What it would be able to do" }).getByRole("listitem")).toHaveText([
      "Know who you are",
      "See your name and language",
      "See jobs",
    ]);
    await expectAccessible(page);
    await page.getByRole("button", { name: "Deny" }).click();
    await expect(page.getByRole("heading", { name: "The app" })).toBeVisible();
    const denied = new URL(page.url()).searchParams;
    expect([denied.get("error"), denied.get("state"), denied.get("code")]).toEqual(["access_denied", "s t&1", null]);

    await open(page, `/oauth/authorize?${query}`);
    await page.getByRole("button", { name: "Allow" }).click();
    await expect(page.getByRole("heading", { name: "The app" })).toBeVisible();
    const allowed = new URL(page.url()).searchParams;
    expect([allowed.get("iss"), allowed.get("state")]).toEqual([at("gateway"), "s t&1"]);
    const answer = await request.post(`${at("gateway")}/oauth/token`, {
      form: {
        grant_type: "authorization_code",
        client_id: registered.id,
        client_secret: registered.secret,
        code: allowed.get("code")!,
        code_verifier: verifier,
      },
    });
    expect(answer.status(), await answer.text()).toBe(200);
    const authorization = `Bearer ${(await answer.json()).access_token}`;
    const known = await request.get(`${at("gateway")}/oauth/userinfo`, { headers: { authorization } });
    expect((await known.json()).name).toBe("Olga Auth");

    // Allowed once, the browser goes through.
    await page.goto(`/oauth/authorize?${query}`);
    await expect(page.getByRole("heading", { name: "The app" })).toBeVisible();

    await open(page, "/settings");
    await page.getByRole("button", { name: `End the access of ${name}` }).click();
    await expect(page.getByText("You have let no app in.")).toBeVisible();
    expect((await request.get(`${at("gateway")}/oauth/userinfo`, { headers: { authorization } })).status()).toBe(401);
    await page.goto(`/oauth/authorize?${query}`);
    await hydrated(page);
    await expect(page.getByRole("button", { name: "Allow" })).toBeVisible();
  });

  test.describe("with a wrong address", () => {
    // The question is refused with 422.
    test.use({ expectedErrors: [/status of 422/] });

    test("nobody is sent to an address that the app was not registered with", async ({ page, client }) => {
      const { id } = await client.create("/api/v1/oauth-clients", {
        name: `Elsewhere ${Date.now()}`,
        kind: "public",
        grants: ["authorization_code"],
        redirect_uris: [back],
        scopes: ["openid"],
      });
      const query = new URLSearchParams({ response_type: "code", client_id: id, redirect_uri: "https://evil.example/", scope: "openid" });
      await open(page, `/oauth/authorize?${query}`);
      await signIn(page);
      await expect(page.getByText("nobody is sent there")).toBeVisible();
      await expect(page).toHaveURL(new RegExp(`^${at("web")}/`));
    });
  });
});
