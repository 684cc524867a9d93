using System.Globalization;
using System.Text;

namespace MicroSpark.Grains.Figures;

/// <summary>Names of states as JSON has them: <c>InputLost</c> is input-lost.</summary>
internal static class Words
{
    public static string Of<E>(E value) where E : struct, Enum
    {
        var text = new StringBuilder();
        foreach (var c in value.ToString())
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLower(c, CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
