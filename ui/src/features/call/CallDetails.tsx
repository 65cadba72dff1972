import * as Ariakit from "@ariakit/react";
import { useQuery } from "@tanstack/react-query";
import { ChatView } from "~/components/chat/ChatView";
import { conversationOf } from "~/components/chat/chat";
import { usePageTitle } from "~/components/Page";
import { EmptyState, Loaded } from "~/components/States";
import { CallHeader } from "./CallHeader";
import type { CallActions } from "./CallPage";
import { callQuery } from "./queries";
import { TABS, type Tab } from "./search";
import { CallTab } from "./tabs/CallTab";
import { CodeTab } from "./tabs/CodeTab";
import { FeedbackTab } from "./tabs/FeedbackTab";
import { ScoresTab } from "./tabs/ScoresTab";
import { SummaryTab } from "./tabs/SummaryTab";
import { UseTab } from "./tabs/UseTab";
import type { Trace } from "./tree";

interface CallDetailsProps {
  team: string;
  project: string;
  id: string;
  trace: Trace;
  at: number;
  tab: Tab;
  onTab: (tab: Tab) => void;
  actions: CallActions;
}

const NAMES: Record<Tab, string> = {
  call: "Call",
  chat: "Chat",
  code: "Code",
  feedback: "Feedback",
  scores: "Scores",
  summary: "Summary",
  use: "Use",
};

/** All that is known of one call; its texts are asked for when it is chosen. */
export function CallDetails(props: CallDetailsProps) {
  const { team, project, id, trace, at, tab, onTab } = props;
  const of = `${team}/${project}`;
  usePageTitle(trace.names[at] ?? "Call");
  const call = useQuery(callQuery(of, id));
  const chat = call.data ? conversationOf(call.data.inputs, call.data.output) : null;
  return (
    <section aria-label="Details of the call" className="flex min-w-0 flex-1 flex-col">
      <CallHeader
        of={of}
        id={id}
        trace={trace}
        at={at}
        call={call.data ?? null}
        chat={chat}
        actions={props.actions}
      />
      <Ariakit.TabProvider selectedId={tab} setSelectedId={(to) => onTab(to as Tab)}>
        <Ariakit.TabList
          aria-label="What of the call"
          className="flex shrink-0 gap-4 overflow-x-auto border-b border-line px-4"
        >
          {TABS.map((one) => (
            <Ariakit.Tab
              key={one}
              id={one}
              className="border-b-2 border-transparent py-2 whitespace-nowrap text-muted hover:text-fg aria-selected:border-accent aria-selected:font-medium aria-selected:text-fg"
            >
              {NAMES[one]}
            </Ariakit.Tab>
          ))}
        </Ariakit.TabList>
        <Ariakit.TabPanel tabId={tab} className="min-h-0 flex-1 overflow-auto p-4">
          <Loaded query={call}>
            {(found) => {
              if (!found)
                return (
                  <EmptyState title="The call is not there any more">
                    It was deleted: look at another one.
                  </EmptyState>
                );
              switch (tab) {
                case "chat":
                  return chat ? (
                    <ChatView chat={chat} />
                  ) : (
                    <EmptyState title="No chat in this call">
                      What went in and came out has no messages. The tab Call shows it as it is; calls of
                      models, further down in the tree, have chats.
                    </EmptyState>
                  );
                case "code":
                  return <CodeTab call={found} />;
                case "feedback":
                  return <FeedbackTab of={of} id={id} />;
                case "scores":
                  return <ScoresTab of={of} id={id} />;
                case "summary":
                  return <SummaryTab call={found} trace={trace} at={at} />;
                case "use":
                  return <UseTab of={of} id={id} />;
                default:
                  return <CallTab call={found} />;
              }
            }}
          </Loaded>
        </Ariakit.TabPanel>
      </Ariakit.TabProvider>
    </section>
  );
}
