/** What somebody runs with a new key. Pure. */

/** Asks for the key and keeps it for every `wandb` and `weave` program. */
export function loginCommand(origin: string): string {
  return `wandb login --host ${origin}`;
}

/** The key for one shell, for Weave's and for OpenAI's clients. */
export function environ(origin: string, apiKey: string): string {
  return [
    `export WANDB_BASE_URL=${origin}`,
    `export WANDB_API_KEY=${apiKey}`,
    `export OPENAI_BASE_URL=${origin}/v1`,
    `export OPENAI_API_KEY=${apiKey}`,
  ].join("\n");
}

/** What a key is called that somebody gets for a client: with the day, so that two are told apart. */
export function clientKeyName(now: Date): string {
  return `client ${now.toISOString().slice(0, 10)}`;
}
