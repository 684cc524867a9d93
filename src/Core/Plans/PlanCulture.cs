using System.Globalization;

namespace MicroSpark.Plans;

/// <summary>
/// The culture that an operator was declared under. Tasks run under the culture of their stage's root, and it is part of a recipe's
/// identity: <c>double.Parse("1,5")</c> is another number elsewhere, so what one culture computed is not reused by another.
/// </summary>
internal sealed record PlanCulture(string Name, string UIName)
{
    public static PlanCulture Current => new(CultureInfo.CurrentCulture.Name, CultureInfo.CurrentUICulture.Name);

    /// <summary>Puts the calling thread under it.</summary>
    public void Enter()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(Name);
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(UIName);
    }
}
