import { expect, test } from "vitest";
import { deviceName } from "./device";

test("browsers are told by name, whatever else they claim to be", () => {
  const like = "Mozilla/5.0 (%) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36";
  expect(deviceName(like.replace("%", "X11; Linux x86_64"))).toBe("Chrome on Linux");
  expect(deviceName(`${like.replace("%", "Windows NT 10.0; Win64; x64")} Edg/140.0`)).toBe("Edge on Windows");
  expect(deviceName("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/1 Firefox/140.0")).toBe(
    "Firefox on macOS",
  );
  expect(
    deviceName(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Mobile Safari/604",
    ),
  ).toBe("Safari on iPhone");
});

test("what is not known is said so", () => {
  expect(deviceName("curl/8.5.0")).toBe("curl");
  expect(deviceName("something")).toBe("Another program");
  expect(deviceName("")).toBe("Unknown device");
});
