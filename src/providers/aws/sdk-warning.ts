/**
 * The AWS SDK prints a paragraph about which Node.js its versions of next year will want. Which version of it Bakery runs on is
 * settled by Bakery's own release, so that nothing is to be done by whoever reads it. Who set the variable is left his choice.
 */
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
