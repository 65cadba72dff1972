import type { ReactNode } from "react";
import type { CatalogModel } from "~/api/catalog";
import { CopyButton } from "~/components/Copy";
import { Section } from "~/components/Page";
import { count } from "~/lib/format";

const HUB = "https://huggingface.co/";

/** Where the model comes from, and what else it is called. */
export function ModelFacts({ model }: { model: CatalogModel }) {
  const facts: [string, ReactNode][] = [
    ["Provider", model.provider],
    ["Source", model.source],
    ["License", model.license],
    [
      "Hugging Face",
      model.idHuggingFace && (
        <a
          href={HUB + model.idHuggingFace}
          rel="noreferrer"
          target="_blank"
          className="break-all text-accent hover:underline"
        >
          {model.idHuggingFace}
        </a>
      ),
    ],
    ["Likes", model.likesHuggingFace === null ? null : count(model.likesHuggingFace)],
    ["Downloads", model.downloadsHuggingFace === null ? null : count(model.downloadsHuggingFace)],
    ["Function calling", model.featureToolCalling ? "Yes" : "No"],
    ["Quantization", model.quantization],
    ["Tags", model.tags.join(", ")],
    [
      "Aliases",
      model.aliases.length > 0 && (
        <ul>
          {model.aliases.map((alias) => (
            <li key={alias} className="flex items-center gap-1">
              <code className="text-xs break-all">{alias}</code>
              <CopyButton text={alias} label={`Copy ${alias}`} />
            </li>
          ))}
        </ul>
      ),
    ],
  ];
  return (
    <Section title="About">
      <dl className="grid grid-cols-[8rem_minmax(0,1fr)] gap-x-3 gap-y-1.5">
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="min-w-0 break-words">{value}</dd>
            </div>
          ))}
      </dl>
    </Section>
  );
}
