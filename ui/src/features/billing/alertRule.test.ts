import { describe, expect, it } from "vitest";
import { type AlertDraft, draftOf, mistakes, requestOf } from "./alertRule";

const DRAFT: AlertDraft = {
  percents: "50 %, 90",
  steps: "$200; 1000",
  tellsAdmins: false,
  emails: "a@example.com\nb@example.com ",
  webhook: " https://hooks.example.com/x?token=1 ",
};

describe("alerts as they are typed", () => {
  it("are what the server takes, and come back as they were", () => {
    const wanted = requestOf(DRAFT);
    expect(wanted).toEqual({
      percents: [50, 90],
      overage_steps_usd: [200, 1000],
      tells_admins: false,
      emails: ["a@example.com", "b@example.com"],
      webhook_url: "https://hooks.example.com/x?token=1",
    });
    expect(mistakes(DRAFT)).toEqual({});
    const told = { ...wanted, emails: wanted.emails ?? [], webhook_url: wanted.webhook_url ?? "" };
    const rule = { ...told, tells_admins: false, is_default: false, admin_emails: [], new_secret: null };
    expect(requestOf(draftOf(rule))).toEqual(wanted);
  });

  it("may be none at all", () => {
    const none = { ...DRAFT, percents: "", steps: "", emails: "", webhook: "" };
    expect(mistakes(none)).toEqual({});
    expect(requestOf(none)).toMatchObject({ percents: [], overage_steps_usd: [], emails: [] });
  });

  it.each([
    ["percents", "0"],
    ["percents", "101"],
    ["percents", "half"],
    ["steps", "1.5"],
    ["emails", "nobody"],
    ["webhook", "http://hooks.example.com"],
    ["webhook", "https://user:pass@hooks.example.com"],
  ])("say what is wrong with %s %s", (field, text) => {
    expect(Object.keys(mistakes({ ...DRAFT, [field]: text }))).toEqual([field]);
  });
});
