import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** XML as AWS's query interfaces speak it: every text stays a text, and `item` and `member` are always lists. */
const options = { ignoreAttributes: false, parseTagValue: false, parseAttributeValue: false };
const parser = new XMLParser({ ...options, isArray: (name) => name === 'item' || name === 'member' });
const builder = new XMLBuilder({ ...options, suppressEmptyNode: true });

export const parse = (text) => parser.parse(text);
export const build = (document) => builder.build(document);

/** The list inside of an element, which is an empty text when it has nothing in it. */
export const listOf = (element, name = 'item') => (typeof element === 'object' ? (element[name] ?? []) : []);

/** A refusal, as each of the interfaces words it. */
export function refusal(service, code, message) {
  if (service === 'ec2')
    return `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>rig</RequestID></Response>`;
  if (service === 'elb' || service === 'sts')
    return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>rig</RequestId></ErrorResponse>`;
  if (service === 's3') return `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return JSON.stringify({ __type: code, message });
}
