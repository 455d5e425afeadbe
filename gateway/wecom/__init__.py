"""WeCom (企业微信): its client, callback crypto, messages and limits. Knows no page and no flow."""
