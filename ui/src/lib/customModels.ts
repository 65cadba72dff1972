/**
 * How a request names a model of a provider of one's own: `custom::<provider>::<model>`, the form of the hosted
 * playground. A provider's name holds no colon; a model's may.
 */

const PREFIX = "custom";
const SEPARATOR = "::";

export interface CustomName {
  readonly provider: string;
  readonly model: string;
}

export function customModelId({ provider, model }: CustomName): string {
  return [PREFIX, provider, model].join(SEPARATOR);
}

/** The parts of such a name; null for every other model. */
export function parseCustomModelId(id: string): CustomName | null {
  const [prefix, provider, ...rest] = id.split(SEPARATOR);
  const model = rest.join(SEPARATOR);
  return prefix === PREFIX && provider && model ? { provider, model } : null;
}
