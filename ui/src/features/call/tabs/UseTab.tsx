import { CodeBlock } from "~/components/Copy";
import { Section } from "~/components/Page";
import { curlFeedback, curlGet, pythonFeedback, pythonGet } from "../snippets";

/** Code that fetches the call, and that gives feedback on it. */
export function UseTab({ of, id }: { of: string; id: string }) {
  const place = { origin: window.location.origin, of, callId: id };
  return (
    <div className="flex min-w-0 flex-col gap-6">
      <Section
        title="Fetch this call"
        lead="Keys are made in Settings, API keys; the programs read WANDB_API_KEY."
      >
        <CodeBlock label="Python" code={pythonGet(place)} />
        <CodeBlock label="curl" code={curlGet(place)} />
      </Section>
      <Section title="Give feedback from code">
        <CodeBlock label="Python that gives feedback" code={pythonFeedback(place)} />
        <CodeBlock label="curl that gives feedback" code={curlFeedback(place)} />
      </Section>
    </div>
  );
}
