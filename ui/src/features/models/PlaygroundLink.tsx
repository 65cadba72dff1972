import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

const PLAYGROUND = "/playground" as LinkProps["to"];

interface PlaygroundLinkProps {
  models: readonly string[];
  className?: string;
  children: ReactNode;
}

/** To the Playground of the current project, with a chat for each model. */
export function PlaygroundLink({ models, className, children }: PlaygroundLinkProps) {
  return (
    <Link to={PLAYGROUND} search={{ models } as never} className={className}>
      {children}
    </Link>
  );
}
