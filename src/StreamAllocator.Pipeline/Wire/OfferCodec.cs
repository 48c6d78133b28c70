using StreamAllocator.Domain;

namespace StreamAllocator.Pipeline.Wire;

/// <summary>Message <c>Offer</c>.</summary>
public static class OfferCodec
{
    public static void WriteFields(ProtoWriter writer, Offer offer)
    {
        writer.Text(1, offer.OfferId);
        writer.Text(2, offer.PoolId);
        writer.Text(3, offer.Provider);
        writer.Text(4, offer.Region);
        writer.Bool(5, offer.Spot);
        writer.Double(6, offer.PricePerCoreHour);
        writer.Double(7, offer.PricePerGibHour);
        writer.Text(8, offer.Currency);
        VmSizeCodec.Write(writer, 9, offer.Capacity);
        writer.Double(10, offer.InterruptionsPerHour);
        writer.Double(11, offer.MoveCost);
    }

    public static Offer Read(ProtoReader reader)
    {
        var offer = new Offer("", "", "", "", false, 0, 0, "", default);
        while (reader.Next())
        {
            offer = reader.Field switch
            {
                1 => offer with { OfferId = reader.Text() },
                2 => offer with { PoolId = reader.Text() },
                3 => offer with { Provider = reader.Text() },
                4 => offer with { Region = reader.Text() },
                5 => offer with { Spot = reader.Bool() },
                6 => offer with { PricePerCoreHour = reader.Double() },
                7 => offer with { PricePerGibHour = reader.Double() },
                8 => offer with { Currency = reader.Text() },
                9 => offer with { Capacity = VmSizeCodec.Read(reader.Message()) },
                10 => offer with { InterruptionsPerHour = reader.Double() },
                11 => offer with { MoveCost = reader.Double() },
                _ => offer,
            };
        }

        return offer;
    }
}
