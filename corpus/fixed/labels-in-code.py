BEGIN = "-----BEGIN RSA PRIVATE KEY-----"
END = "-----END RSA PRIVATE KEY-----"
if line == "-----BEGIN OPENSSH PRIVATE KEY-----":
    text = "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----"
