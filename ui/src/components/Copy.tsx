import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "~/lib/clipboard";
import { Button, IconButton } from "./Button";
import { toast } from "./Toasts";

function useCopy(text: string): [boolean, () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(text)) setCopied(true);
    else toast("The browser did not allow copying. Select the text and copy it yourself.", "bad");
  };
  return [copied, () => void copy()];
}

interface CopyButtonProps {
  text: string;
  /** What is copied: "Copy model ID". */
  label: string;
  /** With the label beside the icon. */
  withLabel?: boolean;
}

/** Copies a text, and says so. */
export function CopyButton({ text, label, withLabel }: CopyButtonProps) {
  const [copied, copy] = useCopy(text);
  const icon = copied ? (
    <Check aria-hidden className="size-3.5 text-good" />
  ) : (
    <Copy aria-hidden className="size-3.5" />
  );
  if (withLabel)
    return (
      <Button small onClick={copy}>
        {icon} {copied ? "Copied" : label}
      </Button>
    );
  return (
    <IconButton label={copied ? "Copied" : label} onClick={copy}>
      {icon}
    </IconButton>
  );
}

interface CodeBlockProps {
  code: string;
  /** What it is: "Python". */
  label: string;
}

/** A piece of code with a button that copies it. */
export function CodeBlock({ code, label }: CodeBlockProps) {
  return (
    <div className="relative rounded-md border border-line bg-panel">
      <div className="absolute top-1 right-1 rounded-md bg-panel">
        <CopyButton text={code} label={`Copy ${label}`} />
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className="overflow-x-auto p-3 pr-10 font-mono text-xs leading-relaxed"
      >
        <code>{code}</code>
      </pre>
    </div>
  );
}
