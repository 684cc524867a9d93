using System.Security.Cryptography;
using System.Text;
using MicroSpark.Options;

namespace MicroSpark.Grains.Security;

/// <summary>
/// How a secret is written: a prefix, 256 random bits in hex and a checksum in hex, as <c>microspark secret</c> prints it. The 64 hex
/// digits of a file made before count too. Nothing else is a secret: a word that somebody chose can be guessed, and a proof that was seen
/// on the wire tells whoever guesses when it is right. The prefix lets scanners of code find one that leaked.
/// </summary>
internal static class SecretText
{
    public const string Prefix = "microspark1-";

    /// <summary>What an error shows in the place of a value.</summary>
    public const string Hidden = "(not shown)";

    private const int SecretDigits = 64;
    private const int CheckDigits = 8;

    /// <summary>A new one.</summary>
    public static string New()
    {
        var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretDigits / 2));
        return $"{Prefix}{secret}{CheckOf(secret)}";
    }

    /// <summary>
    /// One secret, or two parted by white space: the first is proved to others, both are accepted from them. So a cluster changes its
    /// secret while it runs.
    /// </summary>
    /// <param name="setting">Where the text came from, for the error; <paramref name="shown"/> is the value that it names.</param>
    /// <exception cref="InvalidSettingException">It is no secret. The text itself is not shown.</exception>
    public static SecretKeys[] Parse(string text, string setting, string? shown = null)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is not (1 or 2))
        {
            throw new InvalidSettingException(
                setting, shown ?? Hidden, $"one secret, or two parted by white space or a line's end; found {words.Length}. {WayOut}");
        }

        return [.. words.Select(word => new SecretKeys(TryParse(word) ?? throw new InvalidSettingException(
            setting, shown ?? Hidden,
            word.StartsWith(Prefix, StringComparison.Ordinal)
                ? $"a secret that is whole: its checksum does not fit. {WayOut}"
                : $"a secret as \"microspark secret\" prints it: words that somebody chose can be guessed. {WayOut}")))];
    }

    private const string WayOut = "Make one with: microspark secret";

    private static byte[]? TryParse(string word)
    {
        if (word.StartsWith(Prefix, StringComparison.Ordinal))
        {
            var digits = word[Prefix.Length..];
            return digits.Length == SecretDigits + CheckDigits && digits[SecretDigits..] == CheckOf(digits[..SecretDigits])
                ? Bytes(digits[..SecretDigits])
                : null;
        }

        return word.Length == SecretDigits ? Bytes(word) : null;
    }

    private static byte[]? Bytes(string digits) => digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : null;

    private static string CheckOf(string secret) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"microspark secret {secret}")))[..CheckDigits];
}
