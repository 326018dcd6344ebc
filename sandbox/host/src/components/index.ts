// Maps each wire name to the component that draws it.

import type { IllustrationProps } from '@hubspot/ui-extensions';
import { createElement, type ComponentType } from 'react';
import { Button, ButtonRow, LoadingButton } from './actions/buttons';
import { Image, Link } from './actions/clickables';
import { Checkbox, RadioButton, Toggle, ToggleGroup } from './fields/choice-fields';
import {
  Statistics,
  StatisticsItem,
  StatisticsTrend,
  Table,
  TableBody,
  TableCell,
  TableFooter,
  TableHead,
  TableHeader,
  TableRow,
} from './content/data';
import { DateInput, TimeInput } from './fields/date-fields';
import { Accordion, Tab, Tabs } from './content/disclosure';
import { Dropdown, DropdownButtonItem } from './overlays/dropdown';
import {
  Alert,
  EmptyState,
  ErrorState,
  LoadingSpinner,
  ProgressBar,
  StatusTag,
  StepIndicator,
  Tag,
} from './content/feedback';
import { Form } from './fields/form';
import { Illustration as Drawing } from './content/illustration';
import { AutoGrid, Box, Card, Divider, Flex, Inline, Spacer, Stack, Tile } from './layout';
import {
  Modal,
  ModalBody,
  ModalFooter,
  Panel,
  PanelBody,
  PanelFooter,
  PanelSection,
} from './overlays/overlay-components';
import { MultiSelect, Select } from './fields/select-fields';
import { DescriptionList, DescriptionListItem, Heading, Icon, List, Text } from './content/text';
import { Input, NumberInput, SearchInput, TextArea } from './fields/text-fields';
import { Tooltip } from './overlays/tooltips';

const Illustration = (props: IllustrationProps): React.ReactElement =>
  createElement(Drawing, { name: props.name, width: Number(props.width ?? 120) });

/** Each takes the props that the SDK declares for its name; the registry has checked them against the catalogue. */
export const IMPLEMENTATIONS: Record<string, ComponentType<never>> = {
  Accordion,
  Alert,
  AutoGrid,
  Box,
  Button,
  ButtonRow,
  Card,
  Checkbox,
  DateInput,
  DescriptionList,
  DescriptionListItem,
  Divider,
  Dropdown,
  DropdownButtonItem,
  EmptyState,
  ErrorState,
  Flex,
  Form,
  Heading,
  Icon,
  Illustration,
  Image,
  Inline,
  Input,
  Link,
  List,
  LoadingButton,
  LoadingSpinner,
  Modal,
  ModalBody,
  ModalFooter,
  MultiSelect,
  NumberInput,
  Panel,
  PanelBody,
  PanelFooter,
  PanelSection,
  ProgressBar,
  RadioButton,
  SearchInput,
  Select,
  Spacer,
  Stack,
  Statistics,
  StatisticsItem,
  StatisticsTrend,
  StatusTag,
  StepIndicator,
  Tab,
  Table,
  TableBody,
  TableCell,
  TableFooter,
  TableHead,
  TableHeader,
  TableRow,
  Tabs,
  Tag,
  Text,
  TextArea,
  Textarea: TextArea,
  Tile,
  TimeInput,
  Toggle,
  ToggleGroup,
  Tooltip,
};
