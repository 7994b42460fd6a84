/** Every service says how it is and what it can do, on its own port. */
import { expect, test } from "@playwright/test";
import { at, SERVICES, type Service } from "../support/ports.js";

for (const service of Object.keys(SERVICES) as Service[]) {
  test(`${service} tells how it is`, async ({ request }) => {
    for (const path of ["/health", "/health/ready", "/health/live", "/metrics", "/openapi.json"]) {
      const answer = await request.get(at(service) + path);
      expect(answer.status(), path).toBe(200);
    }
    expect(await (await request.get(`${at(service)}/health`)).json()).toMatchObject({ service });
    expect((await (await request.get(`${at(service)}/openapi.json`)).json()).openapi).toMatch(/^3\.1/);
  });
}
