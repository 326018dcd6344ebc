/** Entry of the card in the sidebar of a record. */
import { hubspot } from '@hubspot/ui-extensions';
import { Card } from './card/Card';

hubspot.extend<'crm.record.sidebar'>(() => <Card />);
