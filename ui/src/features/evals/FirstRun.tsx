import { buttonClass } from "~/components/Button";
import { CodeBlock } from "~/components/Copy";
import { EmptyState } from "~/components/States";
import { newHref } from "./links";
import type { Of } from "./queries";

/** There are no runs yet: two ways to the first one. */
export function FirstRun({ of }: { of: Of }) {
  const code = `import asyncio
import weave

weave.init("${of.team}/${of.project}")  # with WANDB_BASE_URL and WANDB_API_KEY as on the Inference page

@weave.op
def answer(question: str) -> str:
    return "4" if question == "2 + 2" else "no idea"

@weave.op
def exact(target: str, output: str) -> bool:
    return target == output

rows = [{"question": "2 + 2", "target": "4"}, {"question": "3 + 4", "target": "7"}]
evaluation = weave.Evaluation(name="sums", dataset=rows, scorers=[exact])
asyncio.run(evaluation.evaluate(answer))`;
  return (
    <>
      <EmptyState
        title="No evaluations yet"
        action={
          <a href={newHref(of)} className={buttonClass("primary")}>
            New evaluation
          </a>
        }
      >
        Run one here with models of this server, or from any program with the Weave client, as below.
      </EmptyState>
      <CodeBlock label="A first evaluation in Python" code={code} />
    </>
  );
}
