-- Since when, in seconds after 1970, the vendor refuses the credential.
ALTER TABLE account ADD COLUMN needs_reauth INTEGER;
