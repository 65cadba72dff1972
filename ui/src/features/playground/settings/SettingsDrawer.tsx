import { Button } from "~/components/Button";
import { Dialog } from "~/components/Dialog";
import { Checkbox } from "~/components/Field";
import { useModel, useParts, usePlayground } from "../context";
import { PublishModel } from "../saved/PublishModel";
import { cannot } from "../state/capabilities";
import { changedSettings, DEFAULTS, maxTokensOf, maxTokensRange, RANGES } from "../state/settings";
import { find } from "../state/store";
import type { ChatSettings } from "../state/types";
import { FormatField } from "./FormatField";
import { FunctionsField } from "./FunctionsField";
import { RangeField } from "./RangeField";
import { StopField } from "./StopField";

interface SettingsDrawerProps {
  open: boolean;
  onClose: () => void;
  chatId: string;
  number: number;
}

/** Every setting of a chat. A change holds from the next message on; closing loses nothing. */
export function SettingsDrawer({ open, onClose, chatId, number }: SettingsDrawerProps) {
  const { store } = useParts();
  const settings = usePlayground((state) => find(state, chatId)?.settings) ?? DEFAULTS;
  const modelId = usePlayground((state) => find(state, chatId)?.model ?? "");
  const change = (changed: Partial<ChatSettings>) =>
    store.dispatch({ type: "chat/settings", chatId, settings: changed });
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Chat settings of chat ${number}`}
      drawer
      actions={
        <Button onClick={() => change(DEFAULTS)} disabled={changedSettings(settings).length === 0}>
          Reset to defaults
        </Button>
      }
    >
      <div className="flex flex-col gap-5">
        <SettingsFields settings={settings} modelId={modelId} change={change} />
        <PublishModel chatId={chatId} />
      </div>
    </Dialog>
  );
}

interface SettingsFieldsProps {
  settings: ChatSettings;
  modelId: string;
  change: (settings: Partial<ChatSettings>) => void;
}

function SettingsFields({ settings, modelId, change }: SettingsFieldsProps) {
  const model = useModel(modelId);
  const limit = model?.contextWindow ?? null;
  const tokens = maxTokensRange(limit);
  return (
    <>
      <FormatField settings={settings} model={model} onChange={change} />
      <FunctionsField settings={settings} reason={cannot(model, "tools")} onChange={change} />
      <StopField stop={settings.stop} reason={cannot(model, "stop")} onChange={(stop) => change({ stop })} />
      <RangeField
        label="Number of trials"
        hint="So many answers to each message; one of them is chosen to go on from."
        range={RANGES.trials}
        value={settings.trials}
        reason={cannot(model, "n")}
        onChange={(trials) => change({ trials })}
      />
      <RangeField
        label="Maximum tokens"
        hint={`Of one answer. The default is half of what the model takes${
          limit === null ? "" : ` (${limit.toLocaleString("en")})`
        }; 0 sets no limit of its own.`}
        range={tokens}
        value={settings.maxTokens ?? maxTokensOf(settings, limit) ?? 0}
        onChange={(maxTokens) => change({ maxTokens })}
      />
      <RangeField
        label="Temperature"
        hint="Low is predictable, high is varied."
        range={RANGES.temperature}
        value={settings.temperature}
        onChange={(temperature) => change({ temperature })}
      />
      <RangeField
        label="Top P"
        hint="Only the likeliest tokens that make up this share are considered."
        range={RANGES.topP}
        value={settings.topP}
        onChange={(topP) => change({ topP })}
      />
      <RangeField
        label="Frequency penalty"
        range={RANGES.frequencyPenalty}
        value={settings.frequencyPenalty}
        onChange={(frequencyPenalty) => change({ frequencyPenalty })}
      />
      <RangeField
        label="Presence penalty"
        range={RANGES.presencePenalty}
        value={settings.presencePenalty}
        onChange={(presencePenalty) => change({ presencePenalty })}
      />
      <Checkbox
        label="Track this LLM call with Weave"
        hint="Keeps prompt and answer as a trace of the project. Without it, only what was used and what it cost is kept."
        checked={settings.track}
        onChange={(track) => change({ track })}
        asSwitch
      />
    </>
  );
}
