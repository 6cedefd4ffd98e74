<?php

declare(strict_types=1);

namespace CookiejarSession;

/** The Cookie fields of a request (SPEC 11.1). Knows nothing of what a value means. */
final class CookieHeader
{
    /**
     * The values of all cookies of this name, in order.
     *
     * @param list<string> $fields the field values as they came: $_COOKIE decodes values and renames cookies
     * @return list<string>
     */
    public static function scan(array $fields, string $name): array
    {
        $values = [];
        foreach (explode(';', implode('; ', $fields)) as $piece) {
            $piece = self::removeBlanksBefore($piece);
            if (str_starts_with($piece, "$name=")) {
                // Step 5: no token holds a comma; what stands behind one belongs to a field that a server joined.
                $value = explode(',', substr($piece, strlen($name) + 1), 2)[0];
                $values[] = strrev(self::removeBlanksBefore(strrev(self::removeBlanksBefore($value))));
            }
        }
        return $values;
    }

    /** Steps 3 and 5: at most 16. */
    private static function removeBlanksBefore(string $octets): string
    {
        return substr($octets, strspn($octets, " \t", 0, 16));
    }
}
