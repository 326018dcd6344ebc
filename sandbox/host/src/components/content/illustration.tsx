// A stand-in for HubSpot's illustrations, which are not published: one drawing, with an icon that fits the name.

import {
  Building2,
  ChartColumn,
  FileText,
  Lightbulb,
  Lock,
  Mail,
  Megaphone,
  Phone,
  Plug,
  Search,
  ShoppingCart,
  Target,
  Ticket,
  Users,
  type LucideIcon,
} from 'lucide-react';
import type { ReactElement } from 'react';

const GLYPHS: [RegExp, LucideIcon][] = [
  [/contact|lead|customer/i, Users],
  [/api|integration|component/i, Plug],
  [/call/i, Phone],
  [/email/i, Mail],
  [/announcement|social/i, Megaphone],
  [/idea|beta/i, Lightbulb],
  [/lock|security/i, Lock],
  [/chart|report/i, ChartColumn],
  [/store|product/i, ShoppingCart],
  [/target|goal/i, Target],
  [/ticket/i, Ticket],
  [/search/i, Search],
  [/task|registration|electronic|object/i, FileText],
];

export function Illustration({ name, width }: { name: string; width: number }): ReactElement {
  const Glyph = GLYPHS.find(([pattern]) => pattern.test(name))?.[1] ?? Building2;
  return (
    <span
      className="hs-illustration"
      style={{ width, height: width * 0.75 }}
      aria-hidden
      data-illustration={name}
    >
      <svg viewBox="0 0 120 90" focusable={false}>
        <ellipse cx="60" cy="80" rx="46" ry="6" fill="#eaf0f6" />
        <circle cx="60" cy="42" r="36" fill="#e5f5f8" />
        <circle cx="94" cy="18" r="5" fill="#ff7a59" />
        <circle cx="22" cy="30" r="3" fill="#f5c26b" />
        <circle cx="28" cy="64" r="4" fill="#00bda5" />
      </svg>
      <Glyph />
    </span>
  );
}
